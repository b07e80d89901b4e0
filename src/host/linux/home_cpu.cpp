// SPDX-License-Identifier: MIT
// By the set of CPUs that the thread may use.
#include "host/linux/home_cpu.h"

#include <unistd.h>

namespace owsk::host {

namespace {

void stay_on(int cpu) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

void HomeCpu::set(unsigned cpu) noexcept {
    home_ = static_cast<int>(cpu);
    ::sched_getaffinity(::getpid(), sizeof elsewhere_, &elsewhere_);
    CPU_CLR(cpu, &elsewhere_);
}

void HomeCpu::settle() noexcept {
    const int home = home_.load(std::memory_order_relaxed);
    if (home != none) {
        stay_on(home);
    }
}

void HomeCpu::send_away(pthread_t thread) noexcept {
    if (home_.load(std::memory_order_relaxed) != none) {
        move(thread);
    }
}

void HomeCpu::give_up(pthread_t thread) noexcept {
    if (home_.exchange(none, std::memory_order_relaxed) != none) {
        move(thread);
    }
}

// To the others alone: a thread that is free to stay would wait for its CPU where it is.
void HomeCpu::move(pthread_t thread) noexcept {
    if (CPU_COUNT(&elsewhere_) != 0 &&
        ::pthread_setaffinity_np(thread, sizeof elsewhere_, &elsewhere_) == 0) {
        // Only now: whoever comes home before that would be sent away afterwards.
        is_away_.store(true, std::memory_order_relaxed);
    }
}

void HomeCpu::return_home() noexcept {
    if (is_away_.exchange(false, std::memory_order_relaxed)) {
        settle();
    }
}

}  // namespace owsk::host
