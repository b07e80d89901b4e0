// SPDX-License-Identifier: MIT
// The buffers of strings that the Rtl functions allocate and RtlFreeUnicodeString gives back.
#pragma once

#include <wdm.h>

namespace owsk::nt::rtl {

// "Strg", as pool tools on Windows show it; a leak report names it.
inline constexpr ULONG string_pool_tag = 0x67727453;

// Null when there is no memory. A length of 0 gets a block too: a string that was allocated has a
// buffer to free.
inline void* allocate_string(std::size_t bytes) noexcept {
    return ExAllocatePoolWithTag(PagedPool, bytes == 0 ? 1 : bytes, string_pool_tag);
}

template <typename String>
void free_string(String* string) noexcept {
    if (string->Buffer != nullptr) {
        ExFreePool(string->Buffer);
        *string = {};
    }
}

}  // namespace owsk::nt::rtl
