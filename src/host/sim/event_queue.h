// SPDX-License-Identifier: MIT
// EventQueue: virtual time, and what is to happen in it. Time stands still while something runs and
// jumps to the next event otherwise. Its users take turns (host/sim/world.h), so it needs no lock.
#pragma once

#include <cstddef>
#include <optional>

#include "host/host.h"
#include "host/timer_queue.h"

namespace owsk::host {

class EventQueue {
  public:
    Instant now() const noexcept { return now_; }

    // Sets or moves an event. One in the past happens next. Its owner keeps it alive until then, or
    // until it is cancelled.
    void set_timer(Timer& event, Instant due) noexcept { events_.set(event, due); }
    // Whether the event was set.
    bool cancel_timer(Timer& event) noexcept { return events_.cancel(event); }

    std::size_t size() const noexcept { return events_.size(); }
    // When the next event is due; never before now().
    std::optional<Instant> next() const noexcept;
    // Lets the next event happen, and the clock jump to it. False if there is none.
    bool step() noexcept;
    // Lets everything happen that is due by then, and moves the clock there.
    void run_until(Instant end) noexcept;

  private:
    Instant now_{};
    TimerQueue events_;
};

}  // namespace owsk::host
