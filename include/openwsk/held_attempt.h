// SPDX-License-Identifier: MIT
// HeldAttempt: what a conditional listener is keeping: an attempt that is not settled yet, or a
// connection that its driver has not taken.
#pragma once

#include <openwsk/address.h>

#include <chrono>

namespace owsk {

struct HeldAttempt {
    Address listener;  // as the client addressed it
    Address client;
    const char* state;             // for people, such as "pended"
    std::chrono::nanoseconds age;  // since the attempt came, in the time of the machine
};

}  // namespace owsk
