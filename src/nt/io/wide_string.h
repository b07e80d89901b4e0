// SPDX-License-Identifier: MIT
// Between UNICODE_STRING and std::u16string: the same 16-bit units under two types.
#pragma once

#include <ntdef.h>

#include <string>

#include "base/visible_memory.h"

namespace owsk::nt::io {

inline std::u16string to_u16(PCUNICODE_STRING text) {
    if (text == nullptr || text->Buffer == nullptr) {
        return {};
    }
    const auto* units = reinterpret_cast<const char16_t*>(text->Buffer);
    return {units, units + text->Length / sizeof(WCHAR)};
}

// Text that a driver sees where it lies.
using VisibleText =
    std::basic_string<char16_t, std::char_traits<char16_t>, VisibleAllocator<char16_t>>;

// A view: valid while `text` is neither changed nor destroyed.
inline UNICODE_STRING view_of(VisibleText& text) noexcept {
    UNICODE_STRING view;
    view.Length = static_cast<USHORT>(text.size() * sizeof(WCHAR));
    view.MaximumLength = static_cast<USHORT>(view.Length + sizeof(WCHAR));
    view.Buffer = reinterpret_cast<PWCH>(text.data());
    return view;
}

// For names of drivers and devices, which are ASCII in practice.
inline std::u16string widen(const std::string& text) {
    return {text.begin(), text.end()};
}

}  // namespace owsk::nt::io
