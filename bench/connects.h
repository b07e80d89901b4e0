// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

#include "length.h"

namespace bench {

struct Connects {
    double connect_median_us = 0;     // until connect returns
    double first_echo_median_us = 0;  // from the beginning of connect to the first echo
    uint64_t operations = 0;          // with those of the warm-up
};

// Connect, echo one byte, close, one connection after another. A server that decides about a
// connection before the handshake shows in the first time, one that does so after it in the second.
// With a pause between two of them, in which the server can end what the one before has left, the
// first time is what a connect costs by itself.
Connects measure_connects(uint16_t port, std::chrono::microseconds pause, const Length& length);

}  // namespace bench
