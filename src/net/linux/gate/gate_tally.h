// SPDX-License-Identifier: MIT
// GateTally: what the gates of a network have seen that nobody above them is told.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::net {

struct GateTally {
    // Inspected after the handshake, because its SYN had slipped past.
    std::atomic<std::uint64_t> late_inspected = 0;
    // SYNs of attempts that were being inspected already.
    std::atomic<std::uint64_t> retransmissions = 0;
    // SYNs dropped because too many attempts were held, or too many of their client.
    std::atomic<std::uint64_t> dropped = 0;
    // Connections reset unasked, because they came late where only the SYN counts.
    std::atomic<std::uint64_t> late_reset = 0;
    // SYNs dropped because TCP drops them, too.
    std::atomic<std::uint64_t> invalid = 0;
    // Packets dropped because their headers cannot be read.
    std::atomic<std::uint64_t> not_understood = 0;
    // Connections reset unasked, because too many of their client waited for a verdict.
    std::atomic<std::uint64_t> reset_over_share = 0;
    // RSTs of this host dropped because they would have hit a client that was just let in.
    std::atomic<std::uint64_t> resets_withheld = 0;
};

}  // namespace owsk::net
