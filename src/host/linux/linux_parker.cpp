// SPDX-License-Identifier: MIT
// The word says whether somebody sleeps, so that leaving a token for nobody costs no system call.
#include "host/linux/linux_parker.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/linux/timespec.h"

namespace owsk::host {

namespace {

// Whether the deadline passed. FUTEX_WAIT_BITSET takes it as a point of CLOCK_MONOTONIC.
bool wait_on(std::atomic<std::uint32_t>& word,
             std::uint32_t value,
             const timespec* deadline) noexcept {
    static_assert(sizeof word == sizeof(std::uint32_t));
    return ::syscall(SYS_futex,
                     &word,
                     FUTEX_WAIT_BITSET_PRIVATE,
                     value,
                     deadline,
                     nullptr,
                     FUTEX_BITSET_MATCH_ANY) != 0 &&
           errno == ETIMEDOUT;
}

}  // namespace

bool LinuxParker::park(std::optional<Instant> deadline, const Sleep&) noexcept {
    const timespec until = deadline ? to_timespec(deadline->time_since_epoch()) : timespec{};
    for (;;) {
        std::uint32_t state = empty;
        bool timed_out = false;
        if (state_.compare_exchange_strong(state, sleeping)) {
            timed_out = wait_on(state_, sleeping, deadline ? &until : nullptr);
        }
        if (state_.exchange(empty) == token) {
            return true;
        }
        if (timed_out) {
            return false;
        }
    }
}

void LinuxParker::unpark() noexcept {
    if (state_.exchange(token) == sleeping) {
        ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
}

}  // namespace owsk::host
