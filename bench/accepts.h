// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "length.h"

namespace bench {

struct Accepts {
    double per_second = 0;
    uint64_t lost = 0;        // refused, reset, or ended by the server without the echo
    uint64_t operations = 0;  // with those of the warm-up
};

// Connect, echo one byte, close: again and again with `clients` at a time.
Accepts measure_accepts(uint16_t port, int clients, const Length& length);

}  // namespace bench
