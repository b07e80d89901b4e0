// SPDX-License-Identifier: MIT
// TimerQueue: the deadlines of one processor, earliest first. Its user locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "host/host.h"

namespace owsk::host {

class TimerQueue {
  public:
    // Sets or moves the deadline.
    void set(Timer& timer, Instant due) noexcept;
    // Whether the timer was set.
    bool cancel(Timer& timer) noexcept;
    // Takes out the timer with the earliest deadline if that is not after `now`, or gives null.
    // Timers with equal deadlines come out in the order in which they were set.
    Timer* pop_due(Instant now) noexcept;

    std::optional<Instant> earliest() const noexcept;
    std::size_t size() const noexcept { return timers_.size(); }

  private:
    struct Earlier {
        bool operator()(const Timer* one, const Timer* other) const noexcept;
    };
    using Timers = std::set<Timer*, Earlier>;

    Timers::node_type take(Timer& timer) noexcept;

    Timers timers_;
    std::uint64_t last_serial_ = 0;
};

}  // namespace owsk::host
