// SPDX-License-Identifier: MIT
// A sorted map: few timers are set at a time, most are cancelled, and both must be cheap.
#include "host/timer_queue.h"

#include <utility>

#include "base/assert.h"

namespace owsk::host {

void TimerQueue::set(Timer& timer, Instant due) noexcept {
    Timers::node_type node = take(timer);
    timer.due_ = due;
    if (node) {
        // A deadline that moves keeps its memory.
        node.key() = due;
        timers_.insert(std::move(node));
    } else {
        timers_.emplace(due, &timer);
    }
}

bool TimerQueue::cancel(Timer& timer) noexcept {
    return !take(timer).empty();
}

Timer* TimerQueue::pop_due(Instant now) noexcept {
    if (timers_.empty() || timers_.begin()->first > now) {
        return nullptr;
    }
    Timer* const timer = timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer->due_.reset();
    return timer;
}

std::optional<Instant> TimerQueue::earliest() const noexcept {
    if (timers_.empty()) {
        return std::nullopt;
    }
    return timers_.begin()->first;
}

TimerQueue::Timers::node_type TimerQueue::take(Timer& timer) noexcept {
    if (!timer.due_) {
        return {};
    }
    auto [at, end] = timers_.equal_range(*timer.due_);
    while (at != end && at->second != &timer) {
        ++at;
    }
    OWSK_ASSERT(at != end);
    timer.due_.reset();
    return timers_.extract(at);
}

}  // namespace owsk::host
