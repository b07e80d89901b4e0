// SPDX-License-Identifier: MIT
// GateLimits: how much a conditional listener keeps for its driver. Anything more waits with its
// client, or in the backlog of the network.
#pragma once

#include <cstdint>

namespace owsk {

struct GateLimits {
    // Attempts that each listener holds at once. 0: 4,096 at the SYN, also on a simulated network;
    // 1,024 after the handshake. One client gets at most half of them.
    std::uint32_t held_attempts = 0;
    // Connections of accepted attempts that neither WskAccept nor WskAcceptEvent has taken, for
    // each listener. 0: 1,024.
    std::uint32_t untaken_connections = 0;

    // Where the default applies and each one costs a descriptor, all conditional listeners of a
    // machine together keep no more than an eighth of the process's descriptors of each kind.
};

}  // namespace owsk
