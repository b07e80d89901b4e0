// SPDX-License-Identifier: MIT
// From the bytes of a packet to a segment of the simulated network, with its data and options.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "net/sim/packet.h"

namespace owsk::both_tcps {

// None for what is no TCP over IPv4. Options that the simulated network does not have are left out.
std::optional<net::TcpSegment> read_segment(std::span<const std::byte> packet);

}  // namespace owsk::both_tcps
