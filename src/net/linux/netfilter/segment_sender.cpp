// SPDX-License-Identifier: MIT
// Raw sockets of IPPROTO_RAW, which take the IP header from us, in both families, and a packet
// socket, which takes it too and adds that of the link.
#include "net/linux/netfilter/segment_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

host::UniqueFd open_raw(int family) noexcept {
    return host::UniqueFd(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW));
}

}  // namespace

SegmentSender::SegmentSender(host::UniqueFd ipv4, host::UniqueFd ipv6, host::UniqueFd link) noexcept
    : ipv4_(std::move(ipv4)), ipv6_(std::move(ipv6)), link_(std::move(link)) {}

Result<SegmentSender> SegmentSender::open() noexcept {
    host::UniqueFd ipv4 = open_raw(AF_INET);
    if (!ipv4) {
        return status_from_errno(errno);
    }
    host::UniqueFd ipv6 = open_raw(AF_INET6);
    if (!ipv6 && errno != EAFNOSUPPORT) {
        return status_from_errno(errno);
    }
    // Of no protocol, so that it receives nothing.
    host::UniqueFd link(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return SegmentSender(std::move(ipv4), std::move(ipv6), std::move(link));
}

void SegmentSender::send(const Segment& segment) const noexcept {
    SegmentBuffer buffer;
    const std::size_t length = build_segment(segment, buffer);
    send_packet(std::span(buffer).first(length), segment.destination);
}

void SegmentSender::repeat(const PacketCopy& copy, const Address& destination) const noexcept {
    const std::span<const std::byte> kept = copy.bytes();
    if (kept.empty()) {
        return;
    }
    std::array<std::byte, PacketCopy::bytes_max> buffer;
    std::memcpy(buffer.data(), kept.data(), kept.size());
    const std::span<std::byte> packet = std::span(buffer).first(kept.size());
    complete_checksum(packet);
    send_packet(packet, destination);
}

void SegmentSender::send_packet(std::span<const std::byte> packet,
                                const Address& destination) const noexcept {
    // Routes the packet. A raw IPv6 socket would take the port for the number of a protocol.
    Address next = destination;
    next.port = 0;
    const Sockaddr sockaddr = to_sockaddr(next);
    // Where there is no IPv6 the descriptor is none, and the call fails.
    const int fd = next.family == Family::ipv4 ? ipv4_.get() : ipv6_.get();
    ::sendto(fd, packet.data(), packet.size(), MSG_NOSIGNAL, sockaddr.get(), sockaddr.length);
}

void SegmentSender::send(const Segment& segment, const Neighbour& neighbour) const noexcept {
    if (neighbour.is_this_machine()) {
        // What comes from the link to itself, this host would not take.
        send(segment);
        return;
    }
    sockaddr_ll to = {};
    if (neighbour.interface == 0 || neighbour.address_length > sizeof to.sll_addr) {
        return;
    }
    SegmentBuffer buffer;
    const std::size_t length = build_segment(segment, buffer);
    const bool is_ipv4 = segment.destination.family == Family::ipv4;
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(is_ipv4 ? ETH_P_IP : ETH_P_IPV6);
    to.sll_ifindex = static_cast<int>(neighbour.interface);
    to.sll_halen = static_cast<unsigned char>(neighbour.address_length);
    std::memcpy(to.sll_addr, neighbour.address.data(), sizeof to.sll_addr);
    ::sendto(link_.get(),
             buffer.data(),
             length,
             MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&to),
             sizeof to);
}

}  // namespace owsk::net
