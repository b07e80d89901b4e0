// SPDX-License-Identifier: MIT
// The links of this computer, as scopes of link-local addresses name them.
#pragma once

#include <openwsk/address.h>

#include <cstdint>

namespace owsk::net {

// Each network namespace has one, and it comes first.
constexpr std::uint32_t loopback_interface() noexcept {
    return 1;
}

// The link on which this computer has the link-local address; 0 if there is none, or several.
std::uint32_t own_link_of(const Address& address) noexcept;

}  // namespace owsk::net
