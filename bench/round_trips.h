// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

struct RoundTrips {
    double median_us = 0;
    double percentile_99_us = 0;
    double megabytes_per_second = 0;
    uint64_t operations = 0;  // with those of the warm-up
};

// Sends `size` bytes and waits until they have come back, again and again on one connection.
RoundTrips measure_round_trips(uint16_t port, std::size_t size, std::chrono::duration<double> time);

}  // namespace bench
