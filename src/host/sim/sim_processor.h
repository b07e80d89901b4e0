// SPDX-License-Identifier: MIT
// SimProcessor: a processor of a simulated computer: a thread that runs posted tasks and expired
// timers, in the same turns as the real one, and is idle otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/host.h"
#include "host/sim/sim_parker.h"
#include "host/sim/world.h"
#include "host/task_queue.h"
#include "host/timer_queue.h"

namespace owsk::host {

class SimProcessor final : public Processor, private Timer {
  public:
    SimProcessor(World& world, unsigned number, std::string name);
    ~SimProcessor();

    unsigned number() const noexcept override { return number_; }
    bool is_current() const noexcept override { return current(world_) == this; }
    // The processor that the calling thread is; null also while an event happens on it.
    static SimProcessor* current(const World& world) noexcept;
    void post(Task& task) noexcept override;
    void set_timer(Timer& timer, Instant due) noexcept override;
    bool cancel_timer(Timer& timer) noexcept override;
    void enter() noexcept override;
    bool try_enter() noexcept override;
    void leave() noexcept override;

    // False when the system has no more threads to give.
    bool start(std::function<void()> enter);
    // Runs what is posted, then ends the thread.
    void stop() noexcept;
    std::uint64_t tasks_run() const noexcept { return tasks_run_; }

  private:
    // The earliest deadline: an event of the world, which only wakes the thread.
    void expire() noexcept override { parker_.unpark(); }
    void arm() noexcept;
    void require_right_thread(const char* function) noexcept;

    struct Arrival;
    // Lets those in who wait, and comes back after them.
    void give_way() noexcept;

    void loop() noexcept;
    void run_tasks() noexcept;
    void expire_timers() noexcept;
    bool has_work() const noexcept;

    World& world_;
    const unsigned number_;
    const std::string name_;
    SimParker parker_;
    std::unique_ptr<Thread> thread_;
    TaskQueue tasks_;
    TimerQueue timers_;
    std::uint64_t tasks_run_ = 0;
    bool stopping_ = false;

    // Who enters takes the next number, and is in when it is served.
    std::uint64_t next_number_ = 0;
    std::uint64_t served_number_ = 0;
};

}  // namespace owsk::host
