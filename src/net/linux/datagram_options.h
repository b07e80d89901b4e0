// SPDX-License-Identifier: MIT
// The options of datagrams that a socket has by Linux's names.
#pragma once

#include "net/datagram_port.h"

namespace owsk::net {

// Which of the families' options a UDP socket has.
struct DatagramFamilies {
    bool ipv4;
    bool ipv6;
};

constexpr DatagramFamilies families_of(Family family, bool v6_only) noexcept {
    return {.ipv4 = family == Family::ipv4 || !v6_only, .ipv6 = family == Family::ipv6};
}

// Makes Linux behave as Windows does unless it is told otherwise: who has not joined a group does
// not hear it, and routers may fragment what is too long for the next link.
void set_datagram_defaults(int fd, DatagramFamilies families) noexcept;

// Where a socket has an option for each family, both are set, and that of IPv6 is shown.
// Precondition, of both: the option is none of those that Linux cannot show, which are
// multicast_interface, segment_size, coalesced_max and report_packet_info.
NTSTATUS set_datagram_option(int fd,
                             DatagramFamilies families,
                             DatagramOption option,
                             std::uint32_t value) noexcept;
Result<std::uint32_t> get_datagram_option(int fd,
                                          DatagramFamilies families,
                                          DatagramOption option) noexcept;

NTSTATUS set_multicast_interface(int fd, DatagramFamilies families, std::uint32_t index) noexcept;
// Whether datagrams that came together are received together, up to the longest datagram.
NTSTATUS coalesce_datagrams(int fd, bool on) noexcept;
NTSTATUS join_group(int fd, const Address& group, std::uint32_t interface_index) noexcept;
NTSTATUS leave_group(int fd, const Address& group, std::uint32_t interface_index) noexcept;

}  // namespace owsk::net
