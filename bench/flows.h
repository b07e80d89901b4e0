// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "length.h"

namespace bench {

struct FlowOptions {
    int connections = 1;
    std::size_t message = 0;    // bytes
    std::size_t in_flight = 1;  // messages of one connection that have not come back yet
};

struct Flows {
    double messages_per_second = 0;
    uint64_t operations = 0;  // with those of the warm-up
};

// Keeps all connections busy at the same time: whenever a message has come back the next is sent.
Flows measure_flows(uint16_t port, const FlowOptions& options, const Length& length);

}  // namespace bench
