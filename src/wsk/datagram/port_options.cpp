// SPDX-License-Identifier: MIT
// The names that Windows and net have for the same options, and the values that they may have.
#include "wsk/datagram/port_options.h"

#include <wdm.h>

#include <cstring>

namespace owsk::wsk {

namespace {

using net::DatagramOption;

constexpr std::uint32_t hop_limit_max = 255;
constexpr ULONG byte_max = 0xFF;

std::optional<DatagramOption> socket_option(ULONG option) noexcept {
    switch (option) {
        case SO_RCVBUF:
            return DatagramOption::receive_buffer;
        case SO_SNDBUF:
            return DatagramOption::send_buffer;
        case SO_BROADCAST:
            return DatagramOption::broadcast;
        default:
            return std::nullopt;
    }
}

std::optional<DatagramOption> ipv4_option(ULONG option) noexcept {
    switch (option) {
        case IP_TTL:
            return DatagramOption::hop_limit;
        case IP_MULTICAST_TTL:
            return DatagramOption::multicast_hop_limit;
        case IP_MULTICAST_LOOP:
            return DatagramOption::multicast_loopback;
        case IP_MULTICAST_IF:
            return DatagramOption::multicast_interface;
        case IP_TOS:
            return DatagramOption::traffic_class;
        case IP_DONTFRAGMENT:
            return DatagramOption::do_not_fragment;
        case IP_RECVERR:
            return DatagramOption::report_errors;
        default:
            return std::nullopt;
    }
}

std::optional<DatagramOption> ipv6_option(ULONG option) noexcept {
    switch (option) {
        case IPV6_UNICAST_HOPS:
            return DatagramOption::hop_limit;
        case IPV6_MULTICAST_HOPS:
            return DatagramOption::multicast_hop_limit;
        case IPV6_MULTICAST_LOOP:
            return DatagramOption::multicast_loopback;
        case IPV6_MULTICAST_IF:
            return DatagramOption::multicast_interface;
        case IPV6_TCLASS:
            return DatagramOption::traffic_class;
        case IPV6_DONTFRAG:
            return DatagramOption::do_not_fragment;
        case IPV6_RECVERR:
            return DatagramOption::report_errors;
        default:
            return std::nullopt;
    }
}

std::optional<DatagramOption> udp_option(ULONG option) noexcept {
    switch (option) {
        case UDP_SEND_MSG_SIZE:
            return DatagramOption::segment_size;
        case UDP_RECV_MAX_COALESCED_SIZE:
            return DatagramOption::coalesced_max;
        default:
            return std::nullopt;
    }
}

// A socket of IPv6 may be one of both families, and takes the names of either.
std::optional<DatagramOption> option_of(Family family, ULONG level, ULONG option) noexcept {
    switch (level) {
        case SOL_SOCKET:
            return socket_option(option);
        case IPPROTO_IP:
            return ipv4_option(option);
        case IPPROTO_IPV6:
            return family == Family::ipv6 ? ipv6_option(option) : std::nullopt;
        case IPPROTO_UDP:
            return udp_option(option);
        default:
            return std::nullopt;
    }
}

bool may_be(DatagramOption option, std::uint32_t value) noexcept {
    switch (option) {
        case DatagramOption::receive_buffer:
        case DatagramOption::send_buffer:
        case DatagramOption::multicast_interface:
        case DatagramOption::segment_size:
        case DatagramOption::coalesced_max:
            return true;
        case DatagramOption::hop_limit:
            return value != 0 && value <= hop_limit_max;
        case DatagramOption::multicast_hop_limit:
        case DatagramOption::traffic_class:
            return value <= byte_max;
        default:
            return value <= 1;
    }
}

// An interface is named to IPv4 by its index, as the address 0.x.x.x, or by an address of this
// computer, for which there is no index here.
std::optional<std::uint32_t> interface_index(ULONG address) noexcept {
    const ULONG index = RtlUlongByteSwap(address);
    return index >> 24 == 0 ? std::optional(index) : std::nullopt;
}

struct Membership {
    Address group;
    std::uint32_t interface_index;
};

Result<Membership> ipv4_membership(std::span<const std::byte> value) noexcept {
    IP_MREQ request;
    if (value.size() < sizeof request) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    std::memcpy(&request, value.data(), sizeof request);
    const auto index = interface_index(request.imr_interface.s_addr);
    if (!index.has_value()) {
        return STATUS_NOT_SUPPORTED;
    }
    Membership membership = {{}, *index};
    std::memcpy(membership.group.ip.data(), &request.imr_multiaddr, sizeof request.imr_multiaddr);
    return membership;
}

Result<Membership> ipv6_membership(std::span<const std::byte> value) noexcept {
    IPV6_MREQ request;
    if (value.size() < sizeof request) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    std::memcpy(&request, value.data(), sizeof request);
    Membership membership = {{}, request.ipv6mr_interface};
    membership.group.family = Family::ipv6;
    std::memcpy(
        membership.group.ip.data(), &request.ipv6mr_multiaddr, sizeof request.ipv6mr_multiaddr);
    return membership;
}

}  // namespace

NTSTATUS PortOptions::set_number(DatagramOption option,
                                 std::uint32_t value,
                                 net::DatagramPort* port) noexcept {
    const NTSTATUS status = port != nullptr ? port->set_option(option, value) : STATUS_SUCCESS;
    if (NT_SUCCESS(status)) {
        values_[static_cast<std::size_t>(option)] = value;
    }
    return status;
}

std::optional<NTSTATUS> PortOptions::set_wish(ULONG level,
                                              ULONG option,
                                              ULONG value,
                                              net::DatagramPort* port) noexcept {
    static_assert(IP_PKTINFO == IPV6_PKTINFO && IP_HOPLIMIT == IPV6_HOPLIMIT);
    static_assert(IP_RECVTOS == IPV6_RECVTCLASS && IP_RECVECN == IPV6_RECVECN);
    const bool is_level = level == IPPROTO_IP || (level == IPPROTO_IPV6 && family_ == Family::ipv6);
    ControlWishes wishes = wishes_;
    DatagramOption report = DatagramOption::report_traffic_class;
    switch (is_level ? option : 0) {
        case IP_PKTINFO:
            wishes.packet_info = value != 0;
            report = DatagramOption::report_packet_info;
            break;
        case IP_HOPLIMIT:
            wishes.hop_limit = value != 0;
            report = DatagramOption::report_hop_limit;
            break;
        case IP_RECVTOS:
            wishes.traffic_class = value != 0;
            break;
        case IP_RECVECN:
            wishes.ecn = value != 0;
            break;
        default:
            return std::nullopt;
    }
    if (value > 1) {
        return STATUS_INVALID_PARAMETER;
    }
    const bool is_reported = report == DatagramOption::report_traffic_class
                                 ? wishes.traffic_class || wishes.ecn
                                 : value != 0;
    const NTSTATUS status = set_number(report, is_reported ? 1 : 0, port);
    if (NT_SUCCESS(status)) {
        wishes_ = wishes;
    }
    return status;
}

NTSTATUS PortOptions::set(ULONG level,
                          ULONG option,
                          ULONG value,
                          net::DatagramPort* port) noexcept {
    if (const auto status = set_wish(level, option, value, port)) {
        return *status;
    }
    const auto known = option_of(family_, level, option);
    if (!known.has_value()) {
        return STATUS_NOT_SUPPORTED;
    }
    if (!may_be(*known, value)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (*known == DatagramOption::multicast_interface && level == IPPROTO_IP) {
        const auto index = interface_index(value);
        return index.has_value() ? set_number(*known, *index, port) : STATUS_NOT_SUPPORTED;
    }
    return set_number(*known, value, port);
}

Result<std::uint32_t> PortOptions::number(DatagramOption option,
                                          net::DatagramPort* port,
                                          net::Network& network) const noexcept {
    if (const auto set = values_[static_cast<std::size_t>(option)]) {
        return *set;
    }
    return port != nullptr ? port->get_option(option) : network.datagram_default(family_, option);
}

Result<ULONG> PortOptions::get(ULONG level,
                               ULONG option,
                               net::DatagramPort* port,
                               net::Network& network) const noexcept {
    if (level == IPPROTO_IP || (level == IPPROTO_IPV6 && family_ == Family::ipv6)) {
        switch (option) {
            case IP_PKTINFO:
                return ULONG{wishes_.packet_info};
            case IP_HOPLIMIT:
                return ULONG{wishes_.hop_limit};
            case IP_RECVTOS:
                return ULONG{wishes_.traffic_class};
            case IP_RECVECN:
                return ULONG{wishes_.ecn};
            default:
                break;
        }
    }
    const auto known = option_of(family_, level, option);
    if (!known.has_value()) {
        return STATUS_NOT_SUPPORTED;
    }
    const Result<std::uint32_t> value = number(*known, port, network);
    const bool is_ipv4_interface =
        *known == DatagramOption::multicast_interface && level == IPPROTO_IP;
    return value && is_ipv4_interface ? RtlUlongByteSwap(*value) : value;
}

NTSTATUS PortOptions::hand_on(net::DatagramPort& port) const noexcept {
    NTSTATUS status = STATUS_SUCCESS;
    for (std::size_t option = 0; option < values_.size() && NT_SUCCESS(status); ++option) {
        if (values_[option].has_value()) {
            status = port.set_option(static_cast<DatagramOption>(option), *values_[option]);
        }
    }
    return status;
}

std::optional<NTSTATUS> change_membership(Family family,
                                          ULONG level,
                                          ULONG option,
                                          std::span<const std::byte> value,
                                          net::DatagramPort* port) noexcept {
    static_assert(IP_ADD_MEMBERSHIP == IPV6_ADD_MEMBERSHIP);
    static_assert(IP_DROP_MEMBERSHIP == IPV6_DROP_MEMBERSHIP);
    const bool is_level = level == (family == Family::ipv4 ? IPPROTO_IP : IPPROTO_IPV6);
    if (!is_level || (option != IP_ADD_MEMBERSHIP && option != IP_DROP_MEMBERSHIP)) {
        return std::nullopt;
    }
    const Result<Membership> membership =
        family == Family::ipv4 ? ipv4_membership(value) : ipv6_membership(value);
    if (!membership) {
        return membership.status();
    }
    if (port == nullptr) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return option == IP_ADD_MEMBERSHIP
               ? port->join_group((*membership).group, (*membership).interface_index)
               : port->leave_group((*membership).group, (*membership).interface_index);
}

}  // namespace owsk::wsk
