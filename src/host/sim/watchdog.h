// SPDX-License-Identifier: MIT
// Watchdog: notices a thread of a World that runs and runs without coming past a point, so that
// nothing in the world could ever end it. It counts processor time, not hours: a process that is
// stopped by a debugger, or gets no CPU, loses nothing.
//
// It is a timer of the process, whose signal (SIGURG, which nobody else uses, and debuggers pass
// over) looks whether the world has gone on, and interrupts the thread that has not.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::host {

class Watchdog {
  public:
    // `bark` is called with `world` on the thread that is interrupted. It must not return.
    Watchdog(void* world, void (*bark)(void* world)) noexcept;
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // The thread that runs has come past a point.
    void pulse() noexcept {
        pulses_.store(pulses_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    // The calling thread is the one that runs from now on, and has so many times the patience.
    void watch_this_thread(unsigned patience) noexcept;

    // Half seconds of processor time without a pulse.
    static constexpr unsigned limit = 6;

  private:
    struct Signal;

    // What a signal asks on its thread: of its timer, or of another thread.
    bool is_to_bark(bool from_timer) noexcept;
    void look() noexcept;

    void* const world_;
    void (*const bark_)(void* world);
    int slot_ = -1;  // none: it watches nothing
    std::atomic<std::uint64_t> pulses_ = 0;
    std::atomic<std::uintptr_t> thread_ = 0;
    std::atomic<unsigned> patience_ = 1;
    // As the timer saw it last.
    std::atomic<std::uint64_t> seen_pulses_ = 0;
    std::atomic<unsigned> looks_ = 0;
    std::atomic<bool> interrupted_ = false;
    void* timer_ = nullptr;
};

}  // namespace owsk::host
