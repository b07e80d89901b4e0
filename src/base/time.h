// SPDX-License-Identifier: MIT
// Duration and Instant: time as types, never bare integers. An Instant belongs to the machine's own
// monotonic clock, which may be virtual.
#pragma once

#include <chrono>

namespace owsk {

using Duration = std::chrono::nanoseconds;

// The clock behind Instant; only host::Clock can read it.
struct MachineClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MachineClock>;
    static constexpr bool is_steady = true;
};

using Instant = MachineClock::time_point;

}  // namespace owsk
