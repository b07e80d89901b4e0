// SPDX-License-Identifier: MIT
// Setting them, for one family or for both.
#include "net/linux/datagram_options.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cstring>

#include "net/flow.h"
#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

namespace {

// Not in the headers of older C libraries.
constexpr int ipv6_multicast_all = 29;

constexpr std::uint32_t octet_max = 255;

struct Names {
    int ipv4;
    int ipv6;
};

Names names_of(DatagramOption option) noexcept {
    switch (option) {
        case DatagramOption::hop_limit:
            return {IP_TTL, IPV6_UNICAST_HOPS};
        case DatagramOption::multicast_hop_limit:
            return {IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS};
        case DatagramOption::multicast_loopback:
            return {IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP};
        case DatagramOption::traffic_class:
            return {IP_TOS, IPV6_TCLASS};
        case DatagramOption::do_not_fragment:
            return {IP_MTU_DISCOVER, IPV6_MTU_DISCOVER};
        case DatagramOption::report_hop_limit:
            return {IP_RECVTTL, IPV6_RECVHOPLIMIT};
        case DatagramOption::report_traffic_class:
            return {IP_RECVTOS, IPV6_RECVTCLASS};
        case DatagramOption::report_errors:
            return {IP_RECVERR, IPV6_RECVERR};
        case DatagramOption::receive_buffer:
        case DatagramOption::send_buffer:
        case DatagramOption::broadcast:
        case DatagramOption::multicast_interface:
        case DatagramOption::segment_size:
        case DatagramOption::coalesced_max:
        case DatagramOption::report_packet_info:
            break;
    }
    OWSK_ASSERT(false);
}

template <typename Value>
NTSTATUS set(int fd, int level, int name, const Value& value) noexcept {
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0 ? STATUS_SUCCESS
                                                                    : status_from_errno(errno);
}

Result<std::uint32_t> get(int fd, int level, int name) noexcept {
    int value = 0;
    socklen_t length = sizeof value;
    if (::getsockopt(fd, level, name, &value, &length) != 0) {
        return status_from_errno(errno);
    }
    return static_cast<std::uint32_t>(value);
}

// As both families of Linux count. Routers do not fragment IPv6, so that its senders have to look
// for the MTU of the way.
int to_linux(DatagramOption option, bool ipv6, std::uint32_t value) noexcept {
    switch (option) {
        case DatagramOption::hop_limit:
        case DatagramOption::multicast_hop_limit:
        case DatagramOption::traffic_class:
            return static_cast<int>(value);
        case DatagramOption::do_not_fragment:
            if (value != 0) {
                return IP_PMTUDISC_DO;
            }
            return ipv6 ? IPV6_PMTUDISC_WANT : IP_PMTUDISC_DONT;
        default:
            return value != 0 ? 1 : 0;
    }
}
static_assert(IP_PMTUDISC_DO == IPV6_PMTUDISC_DO);

bool is_octet(DatagramOption option) noexcept {
    return option == DatagramOption::hop_limit || option == DatagramOption::multicast_hop_limit ||
           option == DatagramOption::traffic_class;
}

NTSTATUS change_membership(int fd, int name, const Address& group, std::uint32_t index) noexcept {
    const Address plain = v4_unmapped(group);
    const Sockaddr sockaddr = to_sockaddr(plain);
    group_req request = {};
    request.gr_interface = index;
    std::memcpy(&request.gr_group, &sockaddr.storage, sizeof request.gr_group);
    return set(fd, plain.family == Family::ipv4 ? IPPROTO_IP : IPPROTO_IPV6, name, request);
}

}  // namespace

void set_datagram_defaults(int fd, DatagramFamilies families) noexcept {
    static_cast<void>(set_datagram_option(fd, families, DatagramOption::do_not_fragment, 0));
    if (families.ipv4) {
        static_cast<void>(set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0));
    }
    if (families.ipv6) {
        static_cast<void>(set(fd, IPPROTO_IPV6, ipv6_multicast_all, 0));
    }
}

NTSTATUS set_datagram_option(int fd,
                             DatagramFamilies families,
                             DatagramOption option,
                             std::uint32_t value) noexcept {
    switch (option) {
        case DatagramOption::receive_buffer:
            return set_socket_option(fd, SocketOption::receive_buffer, value);
        case DatagramOption::send_buffer:
            return set_socket_option(fd, SocketOption::send_buffer, value);
        case DatagramOption::broadcast:
            return set(fd, SOL_SOCKET, SO_BROADCAST, value != 0 ? 1 : 0);
        default:
            break;
    }
    const bool no_hop = option == DatagramOption::hop_limit && value == 0;
    if ((is_octet(option) && value > octet_max) || no_hop) {
        return STATUS_INVALID_PARAMETER;
    }
    const Names names = names_of(option);
    NTSTATUS status = STATUS_SUCCESS;
    if (families.ipv6) {
        status = set(fd, IPPROTO_IPV6, names.ipv6, to_linux(option, true, value));
    }
    if (families.ipv4 && NT_SUCCESS(status)) {
        status = set(fd, IPPROTO_IP, names.ipv4, to_linux(option, false, value));
    }
    return status;
}

Result<std::uint32_t> get_datagram_option(int fd,
                                          DatagramFamilies families,
                                          DatagramOption option) noexcept {
    switch (option) {
        case DatagramOption::receive_buffer:
            return get_socket_option(fd, SocketOption::receive_buffer);
        case DatagramOption::send_buffer:
            return get_socket_option(fd, SocketOption::send_buffer);
        default:
            break;
    }
    Result<std::uint32_t> value = STATUS_UNSUCCESSFUL;
    if (option == DatagramOption::broadcast) {
        value = get(fd, SOL_SOCKET, SO_BROADCAST);
    } else {
        const Names names = names_of(option);
        value = families.ipv6 ? get(fd, IPPROTO_IPV6, names.ipv6) : get(fd, IPPROTO_IP, names.ipv4);
    }
    if (value && option == DatagramOption::do_not_fragment) {
        return *value == IP_PMTUDISC_DO ? 1U : 0U;
    }
    return value;
}

NTSTATUS set_multicast_interface(int fd, DatagramFamilies families, std::uint32_t index) noexcept {
    NTSTATUS status = STATUS_SUCCESS;
    if (families.ipv6) {
        status = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index));
    }
    if (families.ipv4 && NT_SUCCESS(status)) {
        ip_mreqn request = {};
        request.imr_ifindex = static_cast<int>(index);
        status = set(fd, IPPROTO_IP, IP_MULTICAST_IF, request);
    }
    return status;
}

NTSTATUS coalesce_datagrams(int fd, bool on) noexcept {
    return set(fd, IPPROTO_UDP, UDP_GRO, on ? 1 : 0);
}

NTSTATUS join_group(int fd, const Address& group, std::uint32_t interface_index) noexcept {
    return change_membership(fd, MCAST_JOIN_GROUP, group, interface_index);
}

NTSTATUS leave_group(int fd, const Address& group, std::uint32_t interface_index) noexcept {
    return change_membership(fd, MCAST_LEAVE_GROUP, group, interface_index);
}

}  // namespace owsk::net
