// SPDX-License-Identifier: MIT
// HomeCpu: the CPU that a loop stays on, if it has one. It is sent away from there for what must
// not wait for that CPU, and comes home when it has events to deliver.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>

namespace owsk::host {

class HomeCpu {
  public:
    // Before the thread runs.
    void set(unsigned cpu) noexcept;
    // On the thread; unless the system forbids.
    void settle() noexcept;

    // Sends the thread to the other CPUs, if it has a home. Any thread.
    void send_away(pthread_t thread) noexcept;
    // The same, and for good.
    void give_up(pthread_t thread) noexcept;
    // On the thread.
    void come_home() noexcept {
        if (is_away_.load(std::memory_order_relaxed)) {
            return_home();
        }
    }

  private:
    static constexpr int none = -1;

    void move(pthread_t thread) noexcept;
    void return_home() noexcept;

    std::atomic<int> home_ = none;
    cpu_set_t elsewhere_ = {};  // constant once the thread runs
    std::atomic<bool> is_away_ = false;
};

}  // namespace owsk::host
