// SPDX-License-Identifier: MIT
// GateTally: what the gates of a network have seen that nobody above them is told.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::net {

struct GateTally {
    // Inspected after the handshake, because its SYN had slipped past.
    std::atomic<std::uint64_t> late_inspected = 0;
    // SYNs of requests that were being inspected already.
    std::atomic<std::uint64_t> retransmissions = 0;
    // SYNs dropped because too many requests were held.
    std::atomic<std::uint64_t> dropped = 0;
};

}  // namespace owsk::net
