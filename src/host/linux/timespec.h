// SPDX-License-Identifier: MIT
// How a duration is told to the kernel.
#pragma once

#include <time.h>

#include "base/time.h"

namespace owsk::host {

inline timespec to_timespec(Duration duration) noexcept {
    if (duration < Duration::zero()) {
        return {};
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
    return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace owsk::host
