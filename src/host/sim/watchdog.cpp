// SPDX-License-Identifier: MIT
// Everything that runs in the signal touches atomics only, until it barks.
#include "host/sim/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <array>

namespace owsk::host {

namespace {

constexpr int watchdogs_max = 64;
// How long a report may take, if the thread was interrupted where it cannot be written.
constexpr time_t report_max_s = 60;
constexpr timespec half_second = {0, 500'000'000};

std::array<std::atomic<Watchdog*>, watchdogs_max> watchdogs;

timer_t new_timer(clockid_t clock, int signal, int slot, const itimerspec& times) noexcept {
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = signal;
    event.sigev_value.sival_int = slot;
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
        for (int slot = 0; slot < watchdogs_max; ++slot) {
            Watchdog* const watchdog = watchdogs[static_cast<std::size_t>(slot)].load();
            if (watchdog == nullptr || (from_timer && info->si_value.sival_int != slot)) {
                continue;
            }
            if (from_timer) {
                watchdog->look();
            }
            const bool is_here = watchdog->thread_.load() == ::pthread_self();
            if (is_here && watchdog->interrupted_.exchange(false) &&
                watchdog->pulses_.load() == watchdog->seen_pulses_.load()) {
                new_timer(CLOCK_MONOTONIC,
                          SIGABRT,
                          0,
                          {.it_interval = {}, .it_value = {report_max_s, 0}});
                watchdog->bark_(watchdog->world_);
            }
        }
    }
};

Watchdog::Watchdog(void* world, void (*bark)(void* world)) noexcept : world_(world), bark_(bark) {
    for (int slot = 0; slot < watchdogs_max; ++slot) {
        Watchdog* nobody = nullptr;
        if (watchdogs[static_cast<std::size_t>(slot)].compare_exchange_strong(nobody, this)) {
            slot_ = slot;
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
        watchdogs[static_cast<std::size_t>(slot_)].store(nullptr);
    }
}

void Watchdog::watch_this_thread(unsigned patience) noexcept {
    patience_.store(patience, std::memory_order_relaxed);
    thread_.store(::pthread_self(), std::memory_order_relaxed);
    pulse();
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
