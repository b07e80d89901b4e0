// SPDX-License-Identifier: MIT
// A sorted set: few timers are set at a time, most are cancelled, and both must be cheap. However
// many are due at one moment.
#include "host/timer_queue.h"

#include <utility>

#include "base/assert.h"

namespace owsk::host {

bool TimerQueue::Earlier::operator()(const Timer* one, const Timer* other) const noexcept {
    return one->due_ != other->due_ ? one->due_ < other->due_ : one->serial_ < other->serial_;
}

void TimerQueue::set(Timer& timer, Instant due) noexcept {
    Timers::node_type node = take(timer);
    timer.due_ = due;
    timer.serial_ = ++last_serial_;
    if (node) {
        // A deadline that moves keeps its memory.
        timers_.insert(std::move(node));
    } else {
        timers_.insert(&timer);
    }
}

bool TimerQueue::cancel(Timer& timer) noexcept {
    return !take(timer).empty();
}

Timer* TimerQueue::pop_due(Instant now) noexcept {
    if (timers_.empty() || *earliest() > now) {
        return nullptr;
    }
    Timer* const timer = *timers_.begin();
    take(*timer);
    return timer;
}

std::optional<Instant> TimerQueue::earliest() const noexcept {
    if (timers_.empty()) {
        return std::nullopt;
    }
    return (*timers_.begin())->due_;
}

TimerQueue::Timers::node_type TimerQueue::take(Timer& timer) noexcept {
    if (timer.serial_ == 0) {
        return {};
    }
    const auto at = timers_.find(&timer);
    OWSK_ASSERT(at != timers_.end());
    Timers::node_type node = timers_.extract(at);
    timer.serial_ = 0;
    return node;
}

}  // namespace owsk::host
