// SPDX-License-Identifier: MIT
// Raw sockets of IPPROTO_RAW, which take the IP header from us, in both families.
#include "net/linux/netfilter/segment_sender.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

host::UniqueFd open_raw(int family) noexcept {
    return host::UniqueFd(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW));
}

}  // namespace

SegmentSender::SegmentSender(host::UniqueFd ipv4, host::UniqueFd ipv6) noexcept
    : ipv4_(std::move(ipv4)), ipv6_(std::move(ipv6)) {}

Result<SegmentSender> SegmentSender::open() noexcept {
    host::UniqueFd ipv4 = open_raw(AF_INET);
    if (!ipv4) {
        return status_from_errno(errno);
    }
    host::UniqueFd ipv6 = open_raw(AF_INET6);
    if (!ipv6 && errno != EAFNOSUPPORT) {
        return status_from_errno(errno);
    }
    return SegmentSender(std::move(ipv4), std::move(ipv6));
}

void SegmentSender::send(const Segment& segment) const noexcept {
    SegmentBuffer buffer;
    const std::size_t length = build_segment(segment, buffer);
    // Routes the packet. A raw IPv6 socket would take the port for the number of a protocol.
    Address next = segment.destination;
    next.port = 0;
    const Sockaddr sockaddr = to_sockaddr(next);
    // Where there is no IPv6 the descriptor is none, and the call fails.
    const int fd = next.family == Family::ipv4 ? ipv4_.get() : ipv6_.get();
    ::sendto(fd, buffer.data(), length, MSG_NOSIGNAL, sockaddr.get(), sockaddr.length);
}

}  // namespace owsk::net
