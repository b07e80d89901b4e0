// SPDX-License-Identifier: MIT
// Addresses that stand for more than one computer.
#pragma once

#include <openwsk/address.h>

#include <algorithm>
#include <cstdint>

namespace owsk::net {

// 224.0.0.0/4 and ff00::/8. An IPv4 address that is written as an IPv6 one is none.
constexpr bool is_multicast(const Address& address) noexcept {
    return address.family == Family::ipv4 ? (address.ip[0] & 0xF0) == 0xE0 : address.ip[0] == 0xFF;
}

// 255.255.255.255. Whether another one means all of a subnet depends on the links.
constexpr bool is_limited_broadcast(const Address& address) noexcept {
    return address.family == Family::ipv4 &&
           std::all_of(address.ip.begin(), address.ip.begin() + 4, [](std::uint8_t octet) {
               return octet == 0xFF;
           });
}

constexpr bool is_for_several(const Address& address) noexcept {
    return is_multicast(address) || is_limited_broadcast(address);
}

}  // namespace owsk::net
