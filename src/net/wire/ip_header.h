// SPDX-License-Identifier: MIT
// The headers of IPv4 and IPv6, from and to the bytes of a packet.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace owsk::net {

// Numbers of "Protocol" and "Next Header".
constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_icmpv6 = 58;

// What an IP header says about what is behind it.
struct IpContent {
    Address source = {};  // without a port
    Address destination = {};
    std::span<const std::byte> seen = {};  // what of it is there
    std::size_t length = 0;                // of the whole, even where only its beginning was seen
    bool is_fragment = false;              // the first one: more of the content comes elsewhere
};

// Reads a packet that begins with its IPv4 or IPv6 header. None for what is malformed, of another
// protocol, or a later fragment, and for what a routing header sends on to another host. Checksums
// are not looked at.
std::optional<IpContent> parse_ip(std::span<const std::byte> packet,
                                  std::uint8_t protocol) noexcept;

// 20 for IPv4, 40 for IPv6.
std::size_t ip_header_length(Family family) noexcept;

// What the sender of a packet may choose.
struct IpFields {
    std::uint8_t hop_limit = 64;
    std::uint8_t traffic_class = 0;
    bool may_be_fragmented = false;  // IPv6 has it otherwise
};

// Writes the header of a packet with `content_length` octets behind it. Precondition: both
// addresses are of one family, the bytes have room for ip_header_length() and are zero, and the
// whole is not longer than IP allows.
void put_ip_header(std::span<std::byte> packet,
                   const Address& source,
                   const Address& destination,
                   std::uint8_t protocol,
                   std::size_t content_length,
                   const IpFields& fields = {}) noexcept;

// The sum of the pseudo-header that the checksums of TCP and UDP include.
std::uint64_t pseudo_header_sum(std::span<const std::byte> ip_header,
                                Family family,
                                std::uint8_t protocol,
                                std::size_t content_length) noexcept;

}  // namespace owsk::net
