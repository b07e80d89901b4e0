// SPDX-License-Identifier: MIT
// Everything that runs in the signal touches atomics only, until it barks.
#include "host/sim/watchdog.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <array>

namespace owsk::host {

namespace {

constexpr int watchdogs_max = 64;
// How long a report may take, if the thread was interrupted where it cannot be written.
constexpr time_t report_max_s = 60;
constexpr timespec half_second = {0, 500'000'000};

struct Slot {
    std::atomic<Watchdog*> watchdog = nullptr;
    // Signals that are looking at it, on whatever threads of the process they came to.
    std::atomic<unsigned> visitors = 0;
};

std::array<Slot, watchdogs_max> watch_slots;

timer_t new_timer(clockid_t clock, int signal, int number, const itimerspec& times) noexcept {
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = signal;
    event.sigev_value.sival_int = number;
    timer_t timer = nullptr;
    if (::timer_create(clock, &event, &timer) != 0) {
        return nullptr;
    }
    ::timer_settime(timer, 0, &times, nullptr);
    return timer;
}

}  // namespace

struct Watchdog::Signal {
    static void take(int, siginfo_t* info, void*) noexcept {
        const bool from_timer = info->si_code == SI_TIMER;
        for (int number = 0; number < watchdogs_max; ++number) {
            if (!from_timer || info->si_value.sival_int == number) {
                visit(watch_slots[static_cast<std::size_t>(number)], from_timer);
            }
        }
    }

    static void visit(Slot& slot, bool from_timer) noexcept {
        // Before the look whether there is one: it stays until the visitors have gone.
        slot.visitors.fetch_add(1);
        Watchdog* const watchdog = slot.watchdog.load();
        const bool barks = watchdog != nullptr && watchdog->is_to_bark(from_timer);
        void* const world = barks ? watchdog->world_ : nullptr;
        void (*const bark)(void* world) = barks ? watchdog->bark_ : nullptr;
        slot.visitors.fetch_sub(1);
        if (barks) {
            new_timer(
                CLOCK_MONOTONIC, SIGABRT, 0, {.it_interval = {}, .it_value = {report_max_s, 0}});
            bark(world);
        }
    }
};

Watchdog::Watchdog(void* world, void (*bark)(void* world)) noexcept : world_(world), bark_(bark) {
    for (int number = 0; number < watchdogs_max; ++number) {
        Watchdog* nobody = nullptr;
        if (watch_slots[static_cast<std::size_t>(number)].watchdog.compare_exchange_strong(nobody,
                                                                                           this)) {
            slot_ = number;
            break;
        }
    }
    if (slot_ < 0) {
        return;
    }
    struct sigaction action = {};
    action.sa_sigaction = &Signal::take;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGURG, &action, nullptr);
    timer_ = new_timer(CLOCK_PROCESS_CPUTIME_ID, SIGURG, slot_, {half_second, half_second});
}

Watchdog::~Watchdog() {
    if (timer_ != nullptr) {
        ::timer_delete(timer_);
    }
    if (slot_ >= 0) {
        Slot& slot = watch_slots[static_cast<std::size_t>(slot_)];
        slot.watchdog.store(nullptr);
        while (slot.visitors.load() != 0) {
            ::sched_yield();
        }
    }
}

void Watchdog::watch_this_thread(unsigned patience) noexcept {
    patience_.store(patience, std::memory_order_relaxed);
    thread_.store(::pthread_self(), std::memory_order_relaxed);
    pulse();
}

bool Watchdog::is_to_bark(bool from_timer) noexcept {
    if (from_timer) {
        look();
    }
    const bool is_here = thread_.load() == ::pthread_self();
    return is_here && interrupted_.exchange(false) && pulses_.load() == seen_pulses_.load();
}

void Watchdog::look() noexcept {
    const std::uint64_t pulses = pulses_.load();
    if (pulses != seen_pulses_) {
        seen_pulses_ = pulses;
        looks_ = 0;
        return;
    }
    if (++looks_ >= limit * patience_.load() && thread_.load() != 0) {
        interrupted_ = true;
        ::pthread_kill(thread_.load(), SIGURG);
    }
}

}  // namespace owsk::host
