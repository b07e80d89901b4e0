// SPDX-License-Identifier: MIT
// How timers expire: on processor 0, all that are due under one hold of the lock.
#include "nt/ke/timer_table.h"

#include <string>

#include "nt/ke/dpc_queue.h"
#include "nt/ke/stack.h"
#include "nt/ke/wait.h"

namespace owsk::nt::ke {

namespace {

// KTIMER.DueTime keeps the moment on the machine's own clock; drivers do not look at it.
Instant due_of(const KTIMER& timer) noexcept {
    return Instant(Duration(static_cast<std::int64_t>(timer.DueTime.QuadPart)));
}

// KTIMER.TimerListEntry keeps the number of the entry: a list would not be sorted.
void set_number(KTIMER& timer, std::uintptr_t number) noexcept {
    timer.TimerListEntry.Flink = reinterpret_cast<PLIST_ENTRY>(number);
}
std::uintptr_t number_of(const KTIMER& timer) noexcept {
    return reinterpret_cast<std::uintptr_t>(timer.TimerListEntry.Flink);
}

}  // namespace

void TimerTable::insert_locked(KTIMER& timer, Instant due) {
    if (due <= host_.clock().now()) {
        expire_locked(timer, due);
        return;
    }
    timer.DueTime.QuadPart = static_cast<ULONGLONG>(due.time_since_epoch().count());
    timer.Header.Inserted = 1;
    set_number(timer, ++last_number_);
    timers_.insert({due,
                    number_of(timer),
                    &timer,
                    timer.Dpc != nullptr ? timer.Dpc->DeferredRoutine : nullptr});
    arm_locked();
}

bool TimerTable::remove_locked(KTIMER& timer) noexcept {
    if (timer.Header.Inserted == 0) {
        return false;
    }
    timer.Header.Inserted = 0;
    const std::size_t found = timers_.erase({due_of(timer), number_of(timer), &timer, nullptr});
    OWSK_ASSERT(found == 1);
    return true;
}

void TimerTable::arm_locked() noexcept {
    if (timers_.empty()) {
        return;
    }
    const Instant earliest = timers_.begin()->due;
    if (!armed_ || earliest < *armed_) {
        armed_ = earliest;
        host_.processor(0).set_timer(*this, earliest);
    }
}

void TimerTable::expire() noexcept {
    const Lock lock(mu_);
    armed_.reset();
    const Instant now = host_.clock().now();
    while (!timers_.empty() && timers_.begin()->due <= now) {
        const Entry next = *timers_.begin();
        timers_.erase(timers_.begin());
        next.timer->Header.Inserted = 0;
        expire_locked(*next.timer, next.due);
    }
    arm_locked();
}

void TimerTable::expire_locked(KTIMER& timer, Instant due) {
    if (timer.Period != 0) {
        // Periods that were missed altogether are not made up for.
        const Duration period = std::chrono::milliseconds(timer.Period);
        const Instant now = host_.clock().now();
        const Instant next = due + period > now ? due + period : now + period;
        insert_locked(timer, next);
    }
    KDPC* const dpc = timer.Dpc;
    timer.Header.SignalState = 1;
    wake_waiters_locked(timer.Header);
    if (dpc != nullptr) {
        queue_dpc_locked(*dpc, nullptr, nullptr);
    }
}

void TimerTable::stop() noexcept {
    host_.processor(0).cancel_timer(*this);
}

std::uint64_t TimerTable::report_leaks(probe::Probes& probes) {
    std::set<Entry> left;
    {
        const Lock lock(mu_);
        left = timers_;
    }
    // The timer's memory may be gone.
    for (const Entry& entry : left) {
        const auto* const routine = reinterpret_cast<const void*>(entry.routine);
        probes.leak({.kind = "timer",
                     .description = routine == nullptr ? "still set, without a DPC"
                                                       : "still set, with a DPC that calls " +
                                                             symbol_of(routine)});
    }
    return left.size();
}

}  // namespace owsk::nt::ke
