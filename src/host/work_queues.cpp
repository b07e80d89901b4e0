// SPDX-License-Identifier: MIT
// Each step that must not be divided is one function.
#include "host/work_queues.h"

#include "base/planted.h"

namespace owsk::host {

bool WorkQueues::set_timer(Timer& timer, Instant due) noexcept {
    const std::optional<Instant> earliest = timers_.earliest();
    timers_.set(timer, due);
    has_work_.store(true, std::memory_order_relaxed);
    return (!earliest || due < *earliest) && sleeping_.exchange(false);
}

Task* WorkQueues::take_task() noexcept {
    Task* const task = tasks_.pop();
    if (task != nullptr) {
        ++tasks_run_;
    }
    return task;
}

std::optional<Instant> WorkQueues::fall_asleep() noexcept {
    sleeping_ = true;
    has_work_.store(timers_.size() != 0, std::memory_order_relaxed);
    return timers_.earliest();
}

void WorkQueues::begin_acting() noexcept {
    sleeps_until_ = timers_.earliest();
    sleeping_ = false;
    ++tasks_run_;
}

Task* WorkQueues::take_task_in_place() noexcept {
    const Task* const oldest = tasks_.front();
    return oldest != nullptr && oldest->may_run_in_place() ? take_task() : nullptr;
}

bool WorkQueues::end_acting() noexcept {
    const std::optional<Instant> earliest = timers_.earliest();
    const bool is_late = earliest && (!sleeps_until_ || *earliest < *sleeps_until_);
    const bool is_needed = (!may_sleep() && !OWSK_PLANTED(tasks_left_in_place)) ||
                           (is_late && !OWSK_PLANTED(timers_left_in_place));
    sleeping_ = !is_needed && !OWSK_PLANTED(sleeper_forgotten);
    return is_needed;
}

}  // namespace owsk::host
