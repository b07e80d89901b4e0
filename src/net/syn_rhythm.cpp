// SPDX-License-Identifier: MIT
// How many gaps, and how long at least and at most.
#include "net/syn_rhythm.h"

#include <algorithm>

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

constexpr int gaps_until_late = 2;
// One lost SYN takes six of them; the seventh is for what the network delays.
constexpr int gaps_until_overdue = 7;

// No gap is longer than 120 s on Linux, which has the longest; twice that, if one is lost.
constexpr Duration gap_max = 120s;

// Timers of clients, and the way.
constexpr Duration tolerance = 500ms;

// A client that begins with 3 s and loses its second SYN sends its third at 9 s.
constexpr Duration overdue_min = 9s + tolerance;
constexpr Duration overdue_max = 2 * gap_max + 10s;

}  // namespace

SynRhythm::SynRhythm(Instant first_syn, Duration first_gap) noexcept
    : first_gap_(first_gap), last_syn_(first_syn) {}

void SynRhythm::repeat(Instant now) noexcept {
    longest_gap_ = std::max(longest_gap_, now - last_syn_);
    last_syn_ = now;
}

Instant SynRhythm::late() const noexcept {
    return last_syn_ + std::clamp(gaps_until_late * longest_gap_, first_gap_, gap_max) + tolerance;
}

Instant SynRhythm::overdue() const noexcept {
    return last_syn_ + std::clamp(gaps_until_overdue * longest_gap_, overdue_min, overdue_max);
}

}  // namespace owsk::net
