// SPDX-License-Identifier: MIT
// GateLimits: how much a conditional listener keeps for its driver. What is more waits with its
// client, or in the backlog of the network.
#pragma once

#include <cstdint>

namespace owsk {

struct GateLimits {
    // Requests that are held at once, for each listener. 0: 4,096 at the SYN, also on a simulated
    // network; 1,024 after the handshake. One client gets half of them at most.
    std::uint32_t held_requests = 0;
    // Connections of accepted requests that neither WskAccept nor WskAcceptEvent has taken, for
    // each listener. 0: 1,024.
    std::uint32_t untaken_connections = 0;

    // Where 0 stands for a number and each one costs a descriptor, the conditional listeners of a
    // machine together keep no more than an eighth of the process's descriptors for each kind.
};

}  // namespace owsk
