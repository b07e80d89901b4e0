// SPDX-License-Identifier: MIT
// GateMode: how listeners with SO_CONDITIONAL_ACCEPT hold attempts for their verdict.
#pragma once

#include <cstdint>

namespace owsk {

enum class GateMode : std::uint8_t {
    // At the SYN, before the handshake, where the system allows it; otherwise as `accepted`.
    automatic,
    // At the SYN only. Where that does not work, SO_CONDITIONAL_ACCEPT is STATUS_NOT_SUPPORTED, and
    // a connection whose SYN has slipped past is reset without asking anybody.
    strict,
    // After the kernel's handshake. Needs no privileges; a rejected client sees a reset connection.
    accepted,
};

// What the gates have done since the machine started without telling a driver.
struct GateCounters {
    std::uint64_t late_inspected = 0;   // after the handshake, because the SYN had slipped past
    std::uint64_t retransmissions = 0;  // SYNs of attempts that were known already
    std::uint64_t dropped = 0;          // SYNs above a bound: on all attempts, or on their client's
    std::uint64_t late_reset = 0;  // reset instead of inspected: the SYN had slipped past `strict`
    std::uint64_t invalid = 0;     // SYNs that TCP would drop, too: a wrong checksum, for example
    std::uint64_t not_understood = 0;    // packets dropped because their headers cannot be parsed
    std::uint64_t resets_withheld = 0;   // spurious RSTs to a client that was just being let in
    std::uint64_t lost = 0;              // SYNs and RSTs that found no room in the kernel's queues
    std::uint64_t reset_over_share = 0;  // reset uninspected: their client has too many waiting
};

}  // namespace owsk
