// SPDX-License-Identifier: MIT
// LinkRules: what a simulated link does to packets, in one direction.
#pragma once

#include <chrono>
#include <cstdint>

namespace owsk {

// Probabilities are from 0 to 1, for each packet by itself.
struct LinkRules {
    std::chrono::nanoseconds latency = std::chrono::microseconds(100);
    std::chrono::nanoseconds jitter{0};  // added to the latency, evenly from nothing to this
    double loss = 0;
    double duplication = 0;
    double reordering = 0;  // a packet that is held back until others have overtaken it
    std::uint64_t bytes_per_second = 0;  // 0: as many as come
    unsigned mtu = 1500;                 // bytes of an IP packet, 576 to 65535
    bool down = false;                   // nothing gets through
};

// What is impossible about the rules, in a sentence that names the value and what is allowed;
// empty: nothing.
const char* why_impossible(const LinkRules& rules) noexcept;

}  // namespace owsk
