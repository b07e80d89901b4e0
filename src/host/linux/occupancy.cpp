// SPDX-License-Identifier: MIT
// The number that is served is the word on which the others sleep.
#include "host/linux/occupancy.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace owsk::host {

namespace {

// Who raised its IRQL has mostly lowered it again by then.
constexpr int looks_before_sleep = 200;

}  // namespace

void Occupancy::wait_until_served(std::uint32_t mine) noexcept {
    for (int look = 0; look < looks_before_sleep; ++look) {
        if (serving_.load(std::memory_order_acquire) == mine) {
            return;
        }
        __builtin_ia32_pause();
    }
    // Counted before the last look, and looked at after the number has changed: one of the two sees
    // the other.
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    for (;;) {
        const std::uint32_t served = serving_.load(std::memory_order_seq_cst);
        if (served == mine) {
            break;
        }
        ::syscall(SYS_futex, &serving_, FUTEX_WAIT_PRIVATE, served, nullptr, nullptr, 0);
    }
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
}

bool Occupancy::try_enter() noexcept {
    std::uint32_t served = serving_.load(std::memory_order_acquire);
    return next_.compare_exchange_strong(
        served, served + 1, std::memory_order_acquire, std::memory_order_relaxed);
}

void Occupancy::leave() noexcept {
    serving_.fetch_add(1, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) != 0) {
        ::syscall(SYS_futex, &serving_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    }
}

}  // namespace owsk::host
