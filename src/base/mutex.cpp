// SPDX-License-Identifier: MIT
// Waiting for a lock.
#include "base/mutex.h"

namespace owsk {

void Mutex::wait_and_take() noexcept {
    // Whoever sleeps wakes, one at a time, only for `awaited`. So it is taken as that, although
    // nobody may be left to wake: that costs a wake-up of nobody.
    while (state_.exchange(awaited, std::memory_order_acquire) != open) {
        state_.wait(awaited, std::memory_order_relaxed);
    }
}

void Mutex::wake_one() noexcept {
    state_.notify_one();
}

}  // namespace owsk
