// SPDX-License-Identifier: MIT
// LinkRules: what a simulated link does to packets, in one direction.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace owsk {

// The smallest and the largest LinkRules::mtu: what all IPv4 computers accept, and IPv4 can.
inline constexpr std::size_t mtu_min = 68;
inline constexpr std::size_t mtu_max = 65'535;
// The smallest LinkRules::path_mtu: what every way of IPv6 carries.
inline constexpr std::size_t path_mtu_min = 1'280;

struct LinkRules {
    // How long a packet takes, and how much longer it may take, evenly distributed. Neither
    // changes the order of packets.
    std::chrono::nanoseconds latency = std::chrono::microseconds(50);
    std::chrono::nanoseconds jitter{0};
    // Probabilities, from 0 to 1, for each packet independently.
    double loss = 0;
    double duplication = 0;
    // The probability that a packet is held back, so that others overtake it, and for how long.
    double reordering = 0;
    std::chrono::nanoseconds reordering_delay = std::chrono::milliseconds(1);
    // Bits per second; 0: no limit. Packets wait in an unbounded queue.
    std::uint64_t bandwidth = 0;
    // Bytes of an IP packet. Larger TCP segments are lost, larger datagrams are fragmented.
    std::size_t mtu = 1'500;
    // The same behind a router on the way: 0, or less than `mtu`, which is all that computers know
    // at first. What may not be fragmented there is lost, and the router says so by ICMP.
    std::size_t path_mtu = 0;
    // Nothing gets through.
    bool down = false;
};

// Why the rules are impossible, as a sentence that names the value and what is allowed; empty if
// they are possible.
std::string why_impossible(const LinkRules& rules);

}  // namespace owsk
