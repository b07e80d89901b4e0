// SPDX-License-Identifier: MIT
// GateMode: how listeners with SO_CONDITIONAL_ACCEPT hold connection requests for their verdict.
#pragma once

#include <cstdint>

namespace owsk {

enum class GateMode : std::uint8_t {
    // At the SYN, before the handshake, where the system allows it; else as `emulate`.
    automatic,
    // At the SYN only. Where that does not work, SO_CONDITIONAL_ACCEPT is STATUS_NOT_SUPPORTED; and
    // a connection whose SYN has slipped past is reset, and nobody is asked.
    strict,
    // After the kernel's handshake. Needs no privileges; a rejected client sees a reset connection.
    emulate,
};

// What the gates have done that no driver is told, since the machine started.
struct GateCounters {
    std::uint64_t late_inspected = 0;   // after the handshake, because the SYN had slipped past
    std::uint64_t retransmissions = 0;  // SYNs of requests that were known already
    std::uint64_t dropped = 0;          // SYNs above a bound: of what is held, or of their client's
    std::uint64_t late_reset = 0;      // not inspected but reset: the SYN had slipped past `strict`
    std::uint64_t no_request = 0;      // SYNs dropped as TCP drops them: a wrong checksum, say
    std::uint64_t not_understood = 0;  // packets dropped because their headers cannot be read
    std::uint64_t resets_withheld = 0;   // RSTs to a client that was just being let in
    std::uint64_t lost = 0;              // SYNs and RSTs that found no room in the kernel's queues
    std::uint64_t reset_over_share = 0;  // reset unasked: too many of their client wait already
};

}  // namespace owsk
