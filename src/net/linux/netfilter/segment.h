// SPDX-License-Identifier: MIT
// Segment: what a TCP segment says, between the bytes of the packets that the SYN gate holds and
// those that it sends itself. Terms and names are those of RFC 9293.
#pragma once

#include <openwsk/address.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace owsk::net {

struct ControlBits {
    bool urg = false;
    bool ack = false;
    bool psh = false;
    bool rst = false;
    bool syn = false;
    bool fin = false;

    bool operator==(const ControlBits&) const = default;
};

struct Segment {
    // As in the packet: a packet does not say which interface a link-local address belongs to, and
    // sockets do not tell the flow label, so that scope_id and flow_info are 0 after parsing.
    Address source = {};
    Address destination = {};
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    ControlBits control = {};
    std::size_t text_length = 0;  // of the whole packet, even where only its beginning was seen

    bool operator==(const Segment&) const = default;
};

// SEG.LEN: the sequence numbers that the segment occupies.
std::uint32_t sequence_length(const Segment& segment) noexcept;

// Reads a packet that begins with its IPv4 or IPv6 header. It may be cut anywhere after the fixed
// part of the TCP header. None for what is malformed, not TCP, or a later fragment, and for what
// a routing header sends on to another host. Checksums are not looked at: those of local packets
// are not there yet.
std::optional<Segment> parse_segment(std::span<const std::byte> packet) noexcept;

// Whether the checksum of TCP is wrong. False also where that cannot be told, because part of the
// segment is not there or comes in other fragments. Precondition: parse_segment() understands it.
bool has_wrong_checksum(std::span<const std::byte> packet) noexcept;

using SegmentBuffer = std::array<std::byte, 60>;  // the headers of IPv6 and TCP

// Writes the packet with its IP header, and returns how many bytes it has. The text is left out.
// Precondition: both addresses are of the same family.
std::size_t build_segment(const Segment& segment, SegmentBuffer& buffer) noexcept;

// Writes the checksum of TCP, which packets that never left this host need not have.
// Precondition: parse_segment() understands the packet, and it is whole.
void complete_checksum(std::span<std::byte> packet) noexcept;

// The answer of a port where nobody listens (RFC 9293, 3.10.7.1).
// Precondition: the segment has no ACK.
Segment refusal_of(const Segment& syn) noexcept;

// Finds out whether the client still waits. It acknowledges the SYN: a peer in SYN-SENT then drops
// it, as it has neither RST nor SYN (RFC 9293, 3.10.7.3), and so do those on the way that follow
// connections. A peer that has given up answers <SEQ=SEG.ACK><CTL=RST> (3.10.7.1).
Segment probe_of(const Segment& syn) noexcept;

}  // namespace owsk::net
