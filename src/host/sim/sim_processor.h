// SPDX-License-Identifier: MIT
// SimProcessor: a processor of a simulated computer: a thread that runs posted tasks and expired
// timers, in the same turns as the real one, and is idle otherwise. Where the real one takes a lock
// or lets a thread on it, others may go on here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/host.h"
#include "host/sim/sim_parker.h"
#include "host/sim/world.h"
#include "host/work_queues.h"

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
    // As LinuxProcessor::run_in_place, which says what for.
    bool run_in_place(Task& work) noexcept;

    // False when the system has no more threads to give.
    bool start(std::function<void()> enter);
    // Runs what is posted, then ends the thread.
    void stop() noexcept;
    std::uint64_t tasks_run() const noexcept { return queues_.tasks_run(); }

  private:
    // For run_in_place().
    template <typename Looped>
    friend bool run_in_place(Looped& processor, Task& work) noexcept;
    class Acting;
    template <typename Use>
    auto with_queues(Use use) noexcept {
        pass(Point::lock);
        return use(queues_);
    }
    void wake_up() noexcept;

    // The end of a sleep: an event of the world.
    void expire() noexcept override { parker_.unpark(); }
    void put_off_alarm() noexcept;
    void require_right_thread(const char* function) noexcept;

    struct Arrival;
    void wait_until_served(std::uint64_t number) noexcept;
    // Lets those in who wait, and comes back after them.
    void give_way() noexcept;

    void loop() noexcept;
    void wait_for_work() noexcept;
    void run_tasks() noexcept;
    void expire_timers() noexcept;

    World& world_;
    const unsigned number_;
    const std::string name_;
    SimParker parker_;
    std::unique_ptr<Thread> thread_;
    WorkQueues queues_;
    std::optional<Instant> alarm_;  // until when the thread sleeps

    // Who enters takes the next number, and is in when it is served.
    std::uint64_t next_number_ = 0;
    std::uint64_t served_number_ = 0;
};

}  // namespace owsk::host
