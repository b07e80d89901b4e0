// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "length.h"

namespace bench {

struct Datagrams {
    double per_second = 0;
    uint64_t lost = 0;        // that did not come back
    uint64_t operations = 0;  // with those of the warm-up
};

// Sends datagrams of 64 bytes and waits for each to come back, with `in_flight` on their way at a
// time.
Datagrams measure_datagrams(uint16_t port, int in_flight, const Length& length);

}  // namespace bench
