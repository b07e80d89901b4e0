// SPDX-License-Identifier: MIT
// Segments to and from bytes. Whoever reads them must expect anything: a packet is what some other
// host has sent.
#include "net/linux/netfilter/segment.h"

#include <algorithm>

#include "base/assert.h"

namespace owsk::net {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t ipv4_header_length = 20;
constexpr std::size_t ipv6_header_length = 40;
constexpr std::size_t tcp_header_length = 20;

constexpr std::uint8_t hop_limit = 64;
constexpr std::uint16_t ipv4_dont_fragment = 0x4000;
constexpr std::uint16_t ipv4_fragment_offset = 0x1fff;
constexpr std::uint16_t ipv6_fragment_offset = 0xfff8;

// Numbers of "Protocol" and "Next Header".
constexpr std::uint8_t hop_by_hop_options = 0;
constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t routing_header = 43;
constexpr std::uint8_t fragment_header = 44;
constexpr std::uint8_t destination_options = 60;

constexpr std::size_t extension_unit = 8;  // extension headers are multiples of this

// What an IP header says about the segment behind it.
struct Datagram {
    Address source;
    Address destination;
    Bytes segment;       // what of it was seen
    std::size_t length;  // of the whole segment
};

std::uint8_t get8(Bytes bytes, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

std::uint16_t get16(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(get8(bytes, at) << 8 | get8(bytes, at + 1));
}

std::uint32_t get32(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint32_t>(get16(bytes, at)) << 16 | get16(bytes, at + 2);
}

void put8(std::span<std::byte> bytes, std::size_t at, std::uint8_t value) noexcept {
    bytes[at] = std::byte{value};
}

void put16(std::span<std::byte> bytes, std::size_t at, std::uint16_t value) noexcept {
    put8(bytes, at, static_cast<std::uint8_t>(value >> 8));
    put8(bytes, at + 1, static_cast<std::uint8_t>(value & 0xff));
}

void put32(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) noexcept {
    put16(bytes, at, static_cast<std::uint16_t>(value >> 16));
    put16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}

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

std::optional<Datagram> parse_ipv4(Bytes packet) noexcept {
    if (packet.size() < ipv4_header_length) {
        return {};
    }
    const std::size_t header = (get8(packet, 0) & 0xfU) * 4;
    const std::size_t total = get16(packet, 2);
    const bool later_fragment = (get16(packet, 6) & ipv4_fragment_offset) != 0;
    if (header < ipv4_header_length || total < header || packet.size() < header || later_fragment ||
        get8(packet, 9) != tcp) {
        return {};
    }
    const Bytes seen = packet.first(std::min(packet.size(), total));
    return Datagram{.source = get_address(packet, 12, Family::ipv4),
                    .destination = get_address(packet, 16, Family::ipv4),
                    .segment = seen.subspan(header),
                    .length = total - header};
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

std::optional<Datagram> parse_ipv6(Bytes packet) noexcept {
    if (packet.size() < ipv6_header_length) {
        return {};
    }
    const std::size_t total = ipv6_header_length + get16(packet, 4);
    Bytes rest = packet.first(std::min(packet.size(), total)).subspan(ipv6_header_length);
    std::size_t length = total - ipv6_header_length;
    std::uint8_t next = get8(packet, 6);
    while (next != tcp) {
        if (rest.size() < extension_unit) {
            return {};
        }
        const std::size_t extension = extension_length(rest, next);
        if (extension == 0 || rest.size() < extension) {
            return {};
        }
        next = get8(rest, 0);
        rest = rest.subspan(extension);
        length -= extension;
    }
    return Datagram{.source = get_address(packet, 8, Family::ipv6),
                    .destination = get_address(packet, 24, Family::ipv6),
                    .segment = rest,
                    .length = length};
}

std::optional<Datagram> parse_datagram(Bytes packet) noexcept {
    if (packet.empty()) {
        return {};
    }
    switch (get8(packet, 0) >> 4) {
        case 4:
            return parse_ipv4(packet);
        case 6:
            return parse_ipv6(packet);
        default:
            return {};
    }
}

ControlBits control_bits(std::uint8_t bits) noexcept {
    return {.urg = (bits & 0x20) != 0,
            .ack = (bits & 0x10) != 0,
            .psh = (bits & 0x08) != 0,
            .rst = (bits & 0x04) != 0,
            .syn = (bits & 0x02) != 0,
            .fin = (bits & 0x01) != 0};
}

std::uint8_t bits_of(const ControlBits& control) noexcept {
    return static_cast<std::uint8_t>((control.urg ? 0x20 : 0) | (control.ack ? 0x10 : 0) |
                                     (control.psh ? 0x08 : 0) | (control.rst ? 0x04 : 0) |
                                     (control.syn ? 0x02 : 0) | (control.fin ? 0x01 : 0));
}

// The sum of RFC 1071 before it is folded. Precondition: the length is even.
std::uint32_t sum_of(Bytes bytes) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        sum += get16(bytes, at);
    }
    return sum;
}

std::uint16_t checksum(std::uint32_t sum) noexcept {
    while (sum > 0xffff) {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return static_cast<std::uint16_t>(~sum & 0xffff);
}

std::size_t put_ipv4_header(const Segment& segment, SegmentBuffer& buffer) noexcept {
    put8(buffer, 0, 0x45);
    put16(buffer, 2, ipv4_header_length + tcp_header_length);
    put16(buffer, 6, ipv4_dont_fragment);
    put8(buffer, 8, hop_limit);
    put8(buffer, 9, tcp);
    put_address(buffer, 12, segment.source);
    put_address(buffer, 16, segment.destination);
    put16(buffer, 10, checksum(sum_of(Bytes(buffer).first(ipv4_header_length))));
    return ipv4_header_length;
}

std::size_t put_ipv6_header(const Segment& segment, SegmentBuffer& buffer) noexcept {
    put8(buffer, 0, 0x60);
    put16(buffer, 4, tcp_header_length);
    put8(buffer, 6, tcp);
    put8(buffer, 7, hop_limit);
    put_address(buffer, 8, segment.source);
    put_address(buffer, 24, segment.destination);
    return ipv6_header_length;
}

// The pseudo-header has the same sum for IPv4 and IPv6, and the addresses stand together at the end
// of the headers of both.
std::uint32_t pseudo_header_sum(Bytes ip_header, Family family) noexcept {
    return sum_of(ip_header.last(2 * ip_length(family))) + tcp + tcp_header_length;
}

}  // namespace

std::uint32_t sequence_length(const Segment& segment) noexcept {
    return static_cast<std::uint32_t>(segment.text_length) + (segment.control.syn ? 1 : 0) +
           (segment.control.fin ? 1 : 0);
}

std::optional<Segment> parse_segment(std::span<const std::byte> packet) noexcept {
    const std::optional<Datagram> datagram = parse_datagram(packet);
    if (!datagram || datagram->segment.size() < tcp_header_length) {
        return {};
    }
    const Bytes header = datagram->segment;
    const std::size_t text = (get8(header, 12) >> 4) * std::size_t{4};  // "Data Offset"
    if (text < tcp_header_length || text > datagram->length) {
        return {};
    }
    Segment segment{.source = datagram->source,
                    .destination = datagram->destination,
                    .sequence = get32(header, 4),
                    .acknowledgement = get32(header, 8),
                    .control = control_bits(get8(header, 13)),
                    .text_length = datagram->length - text};
    segment.source.port = get16(header, 0);
    segment.destination.port = get16(header, 2);
    return segment;
}

std::size_t build_segment(const Segment& segment, SegmentBuffer& buffer) noexcept {
    const Family family = segment.source.family;
    OWSK_ASSERT(segment.destination.family == family);
    buffer.fill({});
    const std::size_t ip_header = family == Family::ipv4 ? put_ipv4_header(segment, buffer)
                                                         : put_ipv6_header(segment, buffer);
    const auto header = std::span(buffer).subspan(ip_header, tcp_header_length);
    put16(header, 0, segment.source.port);
    put16(header, 2, segment.destination.port);
    put32(header, 4, segment.sequence);
    put32(header, 8, segment.acknowledgement);
    put8(header, 12, tcp_header_length / 4 << 4);
    put8(header, 13, bits_of(segment.control));
    const Bytes ip_bytes = Bytes(buffer).first(ip_header);
    put16(header, 16, checksum(pseudo_header_sum(ip_bytes, family) + sum_of(header)));
    return ip_header + tcp_header_length;
}

Segment refusal_of(const Segment& syn) noexcept {
    OWSK_ASSERT(!syn.control.ack);
    return {.source = syn.destination,
            .destination = syn.source,
            .acknowledgement = syn.sequence + sequence_length(syn),
            .control = {.ack = true, .rst = true}};
}

Segment probe_of(const Segment& syn, std::uint32_t sequence) noexcept {
    return {.source = syn.destination,
            .destination = syn.source,
            .sequence = sequence,
            .control = {.psh = true}};
}

}  // namespace owsk::net
