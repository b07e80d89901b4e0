// SPDX-License-Identifier: MIT
// IP headers. Whoever reads them must expect anything: a packet is what some other host has sent.
#include "net/wire/ip_header.h"

#include <algorithm>

#include "base/assert.h"
#include "net/wire/checksum.h"
#include "net/wire/octets.h"

namespace owsk::net {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t ipv4_header_length = 20;
constexpr std::size_t ipv6_header_length = 40;

constexpr std::uint16_t ipv4_dont_fragment = 0x4000;
constexpr std::uint16_t ipv4_more_fragments = 0x2000;
constexpr std::uint16_t ipv4_fragment_offset = 0x1fff;
constexpr std::uint16_t ipv6_more_fragments = 0x0001;
constexpr std::uint16_t ipv6_fragment_offset = 0xfff8;

// Numbers of "Next Header".
constexpr std::uint8_t hop_by_hop_options = 0;
constexpr std::uint8_t routing_header = 43;
constexpr std::uint8_t fragment_header = 44;
constexpr std::uint8_t destination_options = 60;

constexpr std::size_t extension_unit = 8;  // extension headers are multiples of this

std::size_t ip_length(Family family) noexcept {
    return family == Family::ipv4 ? 4 : 16;
}

Address get_address(Bytes bytes, std::size_t at, Family family) noexcept {
    Address address;
    address.family = family;
    for (std::size_t i = 0; i < ip_length(family); ++i) {
        address.ip[i] = get8(bytes, at + i);
    }
    return address;
}

void put_address(std::span<std::byte> bytes, std::size_t at, const Address& address) noexcept {
    for (std::size_t i = 0; i < ip_length(address.family); ++i) {
        put8(bytes, at + i, address.ip[i]);
    }
}

std::optional<IpContent> parse_ipv4(Bytes packet, std::uint8_t protocol) noexcept {
    if (packet.size() < ipv4_header_length) {
        return {};
    }
    const std::size_t header = (get8(packet, 0) & 0xfU) * 4;
    const std::size_t total = get16(packet, 2);
    const bool later_fragment = (get16(packet, 6) & ipv4_fragment_offset) != 0;
    if (header < ipv4_header_length || total < header || packet.size() < header || later_fragment ||
        get8(packet, 9) != protocol) {
        return {};
    }
    const Bytes seen = packet.first(std::min(packet.size(), total));
    return IpContent{.source = get_address(packet, 12, Family::ipv4),
                     .destination = get_address(packet, 16, Family::ipv4),
                     .seen = seen.subspan(header),
                     .length = total - header,
                     .is_fragment = (get16(packet, 6) & ipv4_more_fragments) != 0};
}

// The length of an extension header that may stand before a segment for this host; 0 when it may
// not. Precondition: there are at least 8 bytes.
std::size_t extension_length(Bytes extension, std::uint8_t kind) noexcept {
    const std::size_t length = (get8(extension, 1) + 1U) * extension_unit;
    switch (kind) {
        case hop_by_hop_options:
        case destination_options:
            return length;
        case routing_header: {
            const std::uint8_t segments_left = get8(extension, 3);
            return segments_left == 0 ? length : 0;
        }
        case fragment_header:
            return (get16(extension, 2) & ipv6_fragment_offset) == 0 ? extension_unit : 0;
        default:
            return 0;
    }
}

std::optional<IpContent> parse_ipv6(Bytes packet, std::uint8_t protocol) noexcept {
    if (packet.size() < ipv6_header_length) {
        return {};
    }
    const std::size_t total = ipv6_header_length + get16(packet, 4);
    Bytes rest = packet.first(std::min(packet.size(), total)).subspan(ipv6_header_length);
    std::size_t length = total - ipv6_header_length;
    std::uint8_t next = get8(packet, 6);
    bool is_fragment = false;
    while (next != protocol) {
        if (rest.size() < extension_unit) {
            return {};
        }
        const std::size_t extension = extension_length(rest, next);
        if (extension == 0 || rest.size() < extension) {
            return {};
        }
        is_fragment =
            is_fragment || (next == fragment_header && (get16(rest, 2) & ipv6_more_fragments) != 0);
        next = get8(rest, 0);
        rest = rest.subspan(extension);
        length -= extension;
    }
    return IpContent{.source = get_address(packet, 8, Family::ipv6),
                     .destination = get_address(packet, 24, Family::ipv6),
                     .seen = rest,
                     .length = length,
                     .is_fragment = is_fragment};
}

}  // namespace

std::optional<IpContent> parse_ip(Bytes packet, std::uint8_t protocol) noexcept {
    if (packet.empty()) {
        return {};
    }
    switch (get8(packet, 0) >> 4) {
        case 4:
            return parse_ipv4(packet, protocol);
        case 6:
            return parse_ipv6(packet, protocol);
        default:
            return {};
    }
}

std::size_t ip_header_length(Family family) noexcept {
    return family == Family::ipv4 ? ipv4_header_length : ipv6_header_length;
}

void put_ip_header(std::span<std::byte> packet,
                   const Address& source,
                   const Address& destination,
                   std::uint8_t protocol,
                   std::size_t content_length,
                   const IpFields& fields) noexcept {
    OWSK_ASSERT(source.family == destination.family);
    if (source.family == Family::ipv4) {
        const std::size_t total = ipv4_header_length + content_length;
        OWSK_ASSERT(total <= 0xffff);
        put8(packet, 0, 0x45);
        put8(packet, 1, fields.traffic_class);
        put16(packet, 2, static_cast<std::uint16_t>(total));
        put16(packet, 6, fields.may_be_fragmented ? std::uint16_t{0} : ipv4_dont_fragment);
        put8(packet, 8, fields.hop_limit);
        put8(packet, 9, protocol);
        put_address(packet, 12, source);
        put_address(packet, 16, destination);
        put16(packet, 10, checksum(sum_of(packet.first(ipv4_header_length))));
        return;
    }
    OWSK_ASSERT(content_length <= 0xffff);
    put8(packet, 0, static_cast<std::uint8_t>(0x60 | fields.traffic_class >> 4));
    put8(packet, 1, static_cast<std::uint8_t>(fields.traffic_class << 4));
    put16(packet, 4, static_cast<std::uint16_t>(content_length));
    put8(packet, 6, protocol);
    put8(packet, 7, fields.hop_limit);
    put_address(packet, 8, source);
    put_address(packet, 24, destination);
}

// It has the same sum for IPv4 and IPv6, and the addresses stand together at the end of the headers
// of both.
std::uint64_t pseudo_header_sum(Bytes ip_header,
                                Family family,
                                std::uint8_t protocol,
                                std::size_t content_length) noexcept {
    const Bytes addresses = ip_header.first(ip_header_length(family)).last(2 * ip_length(family));
    return sum_of(addresses) + protocol + content_length;
}

}  // namespace owsk::net
