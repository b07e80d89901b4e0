// SPDX-License-Identifier: MIT
// WorkQueues: the tasks and timers of one processor, and whether its thread has to be woken for
// them. The real processor keeps them under its lock; in a simulation threads take turns. Both have
// the same code, so that seeds try what runs on Linux.
//
// The thread that is about to sleep says so, in one step with its look at the queues, so that no
// work comes in between unseen. From then on whoever brings work is told to wake it, and only the
// first one is. While another thread acts as the processor (host/run_in_place.h) nobody is told to:
// it looks at the queues itself before it leaves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/host.h"
#include "host/task_queue.h"
#include "host/timer_queue.h"

namespace owsk::host {

class WorkQueues {
  public:
    // True: the caller has to wake the processor's thread.
    [[nodiscard]] bool post(Task& task) noexcept {
        tasks_.push(task);
        has_work_.store(true, std::memory_order_relaxed);
        return sleeping_.exchange(false);
    }
    // The same.
    [[nodiscard]] bool set_timer(Timer& timer, Instant due) noexcept;
    bool cancel_timer(Timer& timer) noexcept { return timers_.cancel(timer); }

    void start() noexcept { stopping_ = false; }
    // What is posted still runs. Wake the thread.
    void stop() noexcept { stopping_ = true; }
    bool is_finished() const noexcept { return stopping_ && tasks_.empty(); }

    // The oldest task, to be run; or null.
    Task* take_task() noexcept;
    // The earliest timer that is due, to expire; or null.
    Timer* take_timer(Instant now) noexcept { return timers_.pop_due(now); }
    std::size_t tasks() const noexcept { return tasks_.size(); }
    std::size_t timers() const noexcept { return timers_.size(); }
    std::optional<Instant> earliest_timer() const noexcept { return timers_.earliest(); }
    // How many tasks have been taken, or run in place.
    std::uint64_t tasks_run() const noexcept { return tasks_run_; }

    // For the processor's own thread.
    bool may_sleep() const noexcept { return tasks_.empty() && !stopping_; }
    // False: since it fell asleep nobody has brought work, and there are no timers. Needs no lock:
    // it looks at the queues before it sleeps again, and so sees what comes in this moment.
    bool may_have_work() const noexcept { return has_work_.load(std::memory_order_relaxed); }
    // Until when; without end if there are no timers. Precondition: may_sleep().
    std::optional<Instant> fall_asleep() noexcept;
    // When it is on the processor again. Needs no lock: whoever is told to wake it in vain does no
    // harm, and it looks at the queues after this.
    void wake() noexcept { sleeping_.store(false, std::memory_order_relaxed); }
    // Whether whoever brings work is told to wake it.
    bool is_asleep() const noexcept { return sleeping_.load(std::memory_order_relaxed); }

    // For a thread that acts as the processor: before its work,
    void begin_acting() noexcept;
    // the oldest task, if it may run in place; or null,
    Task* take_task_in_place() noexcept;
    // and after it. True: the processor's thread has to be woken.
    [[nodiscard]] bool end_acting() noexcept;

  private:
    TaskQueue tasks_;
    TimerQueue timers_;
    std::uint64_t tasks_run_ = 0;
    // The earliest timer when somebody began to act: the thread comes back by then.
    std::optional<Instant> sleeps_until_;
    std::atomic<bool> sleeping_ = false;
    std::atomic<bool> has_work_ = false;
    bool stopping_ = false;
};

}  // namespace owsk::host
