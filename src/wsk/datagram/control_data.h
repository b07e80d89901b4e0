// SPDX-License-Identifier: MIT
// Control data: what travels with a datagram besides its bytes, as drivers write and read it - a
// sequence of CMSGHDR objects. The only place where these meet net::DatagramHeader.
#pragma once

#include <wsk.h>

#include <cstddef>
#include <span>

#include "base/result.h"
#include "net/datagram_port.h"

namespace owsk::wsk {

// What the driver wants to know of each datagram that it receives.
struct ControlWishes {
    bool packet_info : 1 = false;
    bool hop_limit : 1 = false;
    bool traffic_class : 1 = false;
    bool ecn : 1 = false;
};

// What a send was called with, on a socket of `family`. STATUS_INVALID_PARAMETER if it is
// malformed, STATUS_NOT_SUPPORTED for an object that datagrams do not have here.
Result<net::DatagramHeader> parse_control(Family family,
                                          const CMSGHDR* control,
                                          ULONG length) noexcept;

struct WrittenControl {
    ULONG length = 0;
    bool is_truncated = false;  // what did not fit is left out, object by object
};

// Writes what is wanted of a datagram's header, as far as it is there; of an error, what it says.
WrittenControl write_control(const net::ReceivedDatagram& datagram,
                             const ControlWishes& wishes,
                             std::span<std::byte> room) noexcept;

}  // namespace owsk::wsk
