// SPDX-License-Identifier: MIT
// What the address functions of both families and both widths have in common.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>

#include "nt/rtl/ip_format.h"

namespace owsk::nt::rtl {

// Copies with a NUL, and returns the place of the NUL, as RtlIpv4AddressToString does.
template <typename Char>
Char* store_terminated(const IpText& text, Char* destination) noexcept {
    for (const char unit : text.text()) {
        *destination++ = static_cast<Char>(unit);
    }
    *destination = 0;
    return destination;
}

// The same for the Ex functions, which know how much room there is. `length` counts the NUL; when
// the room is too small it says how much would do.
template <typename Char>
NTSTATUS store_counted(const IpText& text, Char* destination, ULONG* length) noexcept {
    const auto needed = static_cast<ULONG>(text.text().size() + 1);
    const ULONG room = *length;
    *length = needed;
    if (room < needed) {
        return STATUS_INVALID_PARAMETER;
    }
    store_terminated(text, destination);
    return STATUS_SUCCESS;
}

inline std::uint16_t swapped(std::uint16_t value) noexcept {
    return static_cast<std::uint16_t>(value << 8 | value >> 8);
}

}  // namespace owsk::nt::rtl
