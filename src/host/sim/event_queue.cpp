// SPDX-License-Identifier: MIT
// Events with equal times happen in the order in which they were set.
#include "host/sim/event_queue.h"

#include <algorithm>

namespace owsk::host {

std::optional<Instant> EventQueue::next() const noexcept {
    const std::optional<Instant> earliest = events_.earliest();
    return earliest ? std::max(*earliest, now_) : earliest;
}

bool EventQueue::step() noexcept {
    const std::optional<Instant> due = next();
    if (!due) {
        return false;
    }
    now_ = *due;
    events_.pop_due(now_)->expire();
    return true;
}

void EventQueue::run_until(Instant end) noexcept {
    for (std::optional<Instant> due = next(); due && *due <= end; due = next()) {
        step();
    }
    now_ = std::max(now_, end);
}

}  // namespace owsk::host
