// SPDX-License-Identifier: MIT
// Estimating the round trip.
#include "net/sim/tcp/round_trip.h"

#include <algorithm>

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

constexpr Duration first_timeout = 1s;
constexpr Duration least_wait = 200ms;
constexpr Duration longest_wait = 120s;

}  // namespace

void RoundTrip::sample(Duration taken) noexcept {
    taken = std::max<Duration>(taken, 1ns);
    if (smoothed_ == 0ns) {
        smoothed_ = taken;
        variation_ = taken / 2;
        return;
    }
    const Duration difference = smoothed_ > taken ? smoothed_ - taken : taken - smoothed_;
    variation_ = (3 * variation_ + difference) / 4;
    smoothed_ = (7 * smoothed_ + taken) / 8;
}

Duration RoundTrip::timeout(int retries) const noexcept {
    Duration timeout =
        smoothed_ == 0ns ? first_timeout : smoothed_ + std::max(4 * variation_, least_wait);
    for (int i = 0; i < retries && timeout < longest_wait; ++i) {
        timeout *= 2;
    }
    return std::min(timeout, longest_wait);
}

}  // namespace owsk::net
