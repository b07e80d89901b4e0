// SPDX-License-Identifier: MIT
// Waiting without sleeping for what another CPU is about to do: to sleep and be woken up takes
// longer, some 25 us on a virtual machine.
#pragma once

#include "host/linux/linux_clock.h"

namespace owsk::host {

// False if it has not come when `patience` is over. The CPU does nothing else meanwhile.
template <typename Condition>
bool look_out_for(Condition has_come, Duration patience) noexcept {
    const LinuxClock clock;
    const Instant end = clock.now() + patience;
    while (!has_come()) {
        if (clock.now() >= end) {
            return false;
        }
    }
    return true;
}

}  // namespace owsk::host
