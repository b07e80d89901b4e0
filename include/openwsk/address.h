// SPDX-License-Identifier: MIT
// Address: an IP address and a port, neutral between the Windows SOCKADDR and the Linux sockaddr,
// which have other numbers for the same families and must never meet.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace owsk {

enum class Family : std::uint8_t { ipv4, ipv6 };

struct Address {
    Family family = Family::ipv4;
    std::uint16_t port = 0;                // host byte order
    std::array<std::uint8_t, 16> ip = {};  // network byte order; an IPv4 address uses the first 4
    std::uint32_t flow_info = 0;           // IPv6 only, as in the header of the packet
    std::uint32_t scope_id = 0;            // IPv6 only: the interface of a link-local address

    bool is_wildcard() const noexcept { return ip == std::array<std::uint8_t, 16>{}; }
    bool operator==(const Address&) const = default;
};

// "127.0.0.1:7" or "[::1]:7".
std::string to_string(const Address& address);

}  // namespace owsk
