// SPDX-License-Identifier: MIT
// Whole packets as bytes, with options and checksums, as they stand on a wire below Ethernet.
#pragma once

#include <cstddef>
#include <vector>

#include "net/sim/packet.h"

namespace owsk::net {

// Precondition: both addresses are of one family, and one IP packet can carry that much.
std::vector<std::byte> packet_bytes(const Packet& packet);

}  // namespace owsk::net
