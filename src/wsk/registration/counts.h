// SPDX-License-Identifier: MIT
// How a wait says what it waits for: "1 captured NPI, 2 open sockets".
#pragma once

#include <wdm.h>

#include <string>

namespace owsk::wsk {

inline void append_count(std::string& text, ULONG count, const char* one, const char* many) {
    if (count != 0) {
        text += text.empty() ? "" : ", ";
        text += std::to_string(count) + ' ' + (count == 1 ? one : many);
    }
}

}  // namespace owsk::wsk
