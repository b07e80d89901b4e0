// SPDX-License-Identifier: MIT
// Segments to and from bytes. Whoever reads them must expect anything: a packet is what some other
// host has sent.
#include "net/linux/netfilter/segment.h"

#include "base/assert.h"
#include "net/wire/checksum.h"
#include "net/wire/ip_header.h"
#include "net/wire/octets.h"

namespace owsk::net {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t tcp_header_length = 20;

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

}  // namespace

std::uint32_t sequence_length(const Segment& segment) noexcept {
    return static_cast<std::uint32_t>(segment.text_length) + (segment.control.syn ? 1 : 0) +
           (segment.control.fin ? 1 : 0);
}

std::optional<Segment> parse_segment(std::span<const std::byte> packet) noexcept {
    const std::optional<IpContent> content = parse_ip(packet, protocol_tcp);
    if (!content || content->seen.size() < tcp_header_length) {
        return {};
    }
    const Bytes header = content->seen;
    const std::size_t text = (get8(header, 12) >> 4) * std::size_t{4};  // "Data Offset"
    if (text < tcp_header_length || text > content->length) {
        return {};
    }
    Segment segment{.source = content->source,
                    .destination = content->destination,
                    .sequence = get32(header, 4),
                    .acknowledgement = get32(header, 8),
                    .control = control_bits(get8(header, 13)),
                    .text_length = content->length - text};
    segment.source.port = get16(header, 0);
    segment.destination.port = get16(header, 2);
    return segment;
}

bool has_wrong_checksum(std::span<const std::byte> packet) noexcept {
    const std::optional<IpContent> content = parse_ip(packet, protocol_tcp);
    if (!content || content->is_fragment || content->seen.size() < content->length) {
        return false;
    }
    const std::uint64_t pseudo_header =
        pseudo_header_sum(packet, content->source.family, protocol_tcp, content->length);
    return checksum(pseudo_header + sum_of(content->seen)) != 0;
}

std::size_t build_segment(const Segment& segment, SegmentBuffer& buffer) noexcept {
    const Family family = segment.source.family;
    const std::size_t ip_header = ip_header_length(family);
    buffer.fill({});
    put_ip_header(buffer, segment.source, segment.destination, protocol_tcp, tcp_header_length);
    const auto header = std::span(buffer).subspan(ip_header, tcp_header_length);
    put16(header, 0, segment.source.port);
    put16(header, 2, segment.destination.port);
    put32(header, 4, segment.sequence);
    put32(header, 8, segment.acknowledgement);
    put8(header, 12, tcp_header_length / 4 << 4);
    put8(header, 13, bits_of(segment.control));
    const std::uint64_t pseudo_header =
        pseudo_header_sum(buffer, family, protocol_tcp, tcp_header_length);
    put16(header, 16, checksum(pseudo_header + sum_of(header)));
    return ip_header + tcp_header_length;
}

void complete_checksum(std::span<std::byte> packet) noexcept {
    const std::optional<IpContent> content = parse_ip(packet, protocol_tcp);
    OWSK_ASSERT(content && content->seen.size() == content->length &&
                content->length >= tcp_header_length);
    const std::span<std::byte> segment = packet.last(content->length);
    put16(segment, 16, 0);
    const std::uint64_t pseudo_header =
        pseudo_header_sum(packet, content->source.family, protocol_tcp, content->length);
    put16(segment, 16, checksum(pseudo_header + sum_of(segment)));
}

Segment refusal_of(const Segment& syn) noexcept {
    OWSK_ASSERT(!syn.control.ack);
    return {.source = syn.destination,
            .destination = syn.source,
            .acknowledgement = syn.sequence + sequence_length(syn),
            .control = {.ack = true, .rst = true}};
}

Segment probe_of(const Segment& syn) noexcept {
    return {.source = syn.destination,
            .destination = syn.source,
            .acknowledgement = syn.sequence + 1,
            .control = {.ack = true}};
}

}  // namespace owsk::net
