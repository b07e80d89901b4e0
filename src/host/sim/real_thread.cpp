// SPDX-License-Identifier: MIT
// A futex of its own for each thread: a condition variable takes twice the time to hand over.
#include "host/sim/real_thread.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace owsk::host {

void Baton::give() noexcept {
    if (state_.exchange(here, std::memory_order_acq_rel) == awaited) {
        ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
}

void Baton::take() noexcept {
    static_assert(sizeof state_ == sizeof(std::uint32_t));
    std::uint32_t seen = away;
    state_.compare_exchange_strong(seen, awaited, std::memory_order_acq_rel);
    while (state_.load(std::memory_order_acquire) != here) {
        ::syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, awaited, nullptr, nullptr, 0);
    }
    state_.store(away, std::memory_order_relaxed);
}

struct OneCpu::Allowed {
    cpu_set_t cpus;
};

OneCpu::OneCpu() : before_(std::make_unique<Allowed>()) {
    const int cpu = ::sched_getcpu();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu < 0 ? 0 : cpu), &one);
    if (cpu < 0 || ::sched_getaffinity(0, sizeof before_->cpus, &before_->cpus) != 0 ||
        ::sched_setaffinity(0, sizeof one, &one) != 0) {
        before_.reset();
    }
}

OneCpu::~OneCpu() {
    if (before_ != nullptr) {
        ::sched_setaffinity(0, sizeof before_->cpus, &before_->cpus);
    }
}

void name_real_thread(const std::string& name) noexcept {
    constexpr std::size_t shown_length = 15;
    char shown[shown_length + 1] = {};
    name.copy(shown, shown_length);
    ::pthread_setname_np(::pthread_self(), shown);
}

}  // namespace owsk::host
