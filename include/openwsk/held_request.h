// SPDX-License-Identifier: MIT
// HeldRequest: what a conditional listener keeps at this moment: a connection request that is not
// settled, or a connection that its driver has not taken.
#pragma once

#include <openwsk/address.h>

#include <chrono>

namespace owsk {

struct HeldRequest {
    Address listener;  // as the client has addressed it
    Address client;
    const char* state;             // for people: "pended", say
    std::chrono::nanoseconds age;  // since the request came, in the time of the machine
};

}  // namespace owsk
