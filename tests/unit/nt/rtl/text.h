// SPDX-License-Identifier: MIT
// Wide text of tests as UTF-8, so that assertions can print it.
#pragma once

#include <string>

#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

inline std::string utf8(PCWSTR text) {
    return to_utf8(std::span(text, bounded_length(text)));
}
inline std::string utf8(const UNICODE_STRING& text) {
    return to_utf8(characters(&text));
}

}  // namespace owsk::nt::rtl
