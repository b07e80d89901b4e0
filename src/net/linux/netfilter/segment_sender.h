// SPDX-License-Identifier: MIT
// SegmentSender: sends segments that belong to no socket of this host.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "host/linux/unique_fd.h"
#include "net/linux/netfilter/neighbour.h"
#include "net/linux/netfilter/packet_copy.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {

class SegmentSender {
  public:
    // Needs CAP_NET_RAW. Where the system has no IPv6, no IPv6 segments are sent.
    static Result<SegmentSender> open() noexcept;

    // Any thread, without waiting. A segment that cannot be sent is lost, as any packet may be.
    void send(const Segment& segment) const noexcept;
    // The same, to that neighbour: past the routes, the packet filter and the connection tracking
    // of this host, which would take the segment for the beginning of a connection.
    void send(const Segment& segment, const Neighbour& neighbour) const noexcept;
    // Brings a packet of somebody else to a listener of this host once more, by way of loopback. An
    // empty one is left out.
    void repeat(const PacketCopy& copy, const Address& destination) const noexcept;

  private:
    void send_packet(std::span<const std::byte> packet, const Address& destination) const noexcept;
    SegmentSender(host::UniqueFd ipv4, host::UniqueFd ipv6, host::UniqueFd link) noexcept;

    host::UniqueFd ipv4_;
    host::UniqueFd ipv6_;
    host::UniqueFd link_;  // none where the kernel has no packet sockets
};

}  // namespace owsk::net
