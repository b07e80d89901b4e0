// SPDX-License-Identifier: MIT
// What travels with a datagram besides its bytes, as Linux' control messages have it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <optional>

#include "net/datagram_port.h"

namespace owsk::net {

// Room for the control messages of one datagram, in either direction, or of one error.
struct ControlBuffer {
    alignas(cmsghdr) std::array<std::byte, 256> bytes;

    void give_to(msghdr& message) noexcept {
        message.msg_control = bytes.data();
        message.msg_controllen = bytes.size();
    }
};

// The socket's control messages tell the destination of each datagram from now on: without it
// nobody could tell a broadcast.
void report_destinations(int fd, Family family) noexcept;

// Fills in what a received message tells besides its bytes and where it is from; the rest of
// `datagram` stays. `family` is that of the socket.
void read_control(const msghdr& message, Family family, ReceivedDatagram& datagram) noexcept;

// Writes what `header` has into the message, which goes to an address of this family. Precondition:
// a segment is no longer than a datagram.
void put_control(const DatagramHeader& header,
                 Family family,
                 ControlBuffer& buffer,
                 msghdr& message) noexcept;

// The ICMP error in a message of the error queue, where other errors are as well.
std::optional<IcmpReport> icmp_report_in(const msghdr& message) noexcept;

}  // namespace owsk::net
