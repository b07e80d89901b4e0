// SPDX-License-Identifier: MIT
// Ports as they are in addresses.
#pragma once

#include <ntdef.h>

namespace owsk::nt::rtl {

// In network byte order.
constexpr USHORT network_port(unsigned port) {
    return static_cast<USHORT>(port << 8 | port >> 8);
}

}  // namespace owsk::nt::rtl
