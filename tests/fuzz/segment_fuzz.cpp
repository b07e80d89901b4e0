// SPDX-License-Identifier: MIT
// Whatever a packet says: nothing is read outside of it, and what is read from it can be written
// and read again.
#include <cstdint>

#include "base/assert.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {
namespace {

using Packet = std::span<const std::byte>;

// A packet that is cut short says the same or nothing.
void check_prefixes(Packet packet, const Segment& whole) {
    for (std::size_t length = 0; length < packet.size(); ++length) {
        const std::optional<Segment> segment = parse_segment(packet.first(length));
        OWSK_ASSERT(!segment || *segment == whole);
    }
}

// The sum over what a checksum covers, with the checksum: all ones when that is right.
std::uint32_t folded_sum(Packet bytes, std::uint32_t sum) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        sum += std::to_integer<std::uint32_t>(bytes[at]) << (at % 2 == 0 ? 8 : 0);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

void check_checksums(Packet packet, Family family) {
    constexpr std::uint32_t tcp_and_its_length = 6 + 20;
    const bool ipv4 = family == Family::ipv4;
    const std::size_t ip_header = ipv4 ? 20 : 40;
    const Packet from_addresses = packet.subspan(ipv4 ? 12 : 8);
    OWSK_ASSERT(folded_sum(from_addresses, tcp_and_its_length) == 0xffff);
    OWSK_ASSERT(!ipv4 || folded_sum(packet.first(ip_header), 0) == 0xffff);
}

void check_built(const Segment& segment) {
    SegmentBuffer buffer;
    const std::size_t length = build_segment(segment, buffer);
    const Packet packet = Packet(buffer).first(length);
    check_checksums(packet, segment.source.family);
    Segment bare = segment;
    bare.text_length = 0;
    OWSK_ASSERT(parse_segment(packet) == bare);
}

void check(Packet packet) {
    const std::optional<Segment> segment = parse_segment(packet);
    if (!segment) {
        return;
    }
    OWSK_ASSERT(segment->text_length <= 0xffff);
    check_prefixes(packet, *segment);
    check_built(*segment);
    check_built(probe_of(*segment));
    if (!segment->control.ack) {
        check_built(refusal_of(*segment));
    }
}

}  // namespace
}  // namespace owsk::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::net::check(std::as_bytes(std::span(data, size)));
    return 0;
}
