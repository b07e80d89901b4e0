// SPDX-License-Identifier: MIT
// An Instant counts from the start of CLOCK_MONOTONIC, so that it can be handed back to the kernel.
#include "host/linux/linux_clock.h"

#include <time.h>

namespace owsk::host {

namespace {

// From 1601-01-01 to 1970-01-01.
constexpr std::int64_t unix_epoch_s = 11'644'473'600;

}  // namespace

Instant LinuxClock::now() const noexcept {
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::int64_t LinuxClock::system_time() const noexcept {
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec + unix_epoch_s) * 10'000'000 + now.tv_nsec / 100;
}

}  // namespace owsk::host
