// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "length.h"

namespace bench {

struct RoundTrips {
    double median_us = 0;
    double percentile_99_us = 0;
    uint64_t operations = 0;  // with those of the warm-up
};

// Sends `size` bytes and waits until they have come back, again and again, on each of the
// connections in turn.
RoundTrips measure_round_trips(uint16_t port,
                               int connections,
                               std::size_t size,
                               const Length& length);

}  // namespace bench
