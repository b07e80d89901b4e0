// SPDX-License-Identifier: MIT
// What this run of the tests is about: the network, the gate, the sends and the seed. main() takes
// it from the command line.
#pragma once

#include <openwsk/gate_mode.h>
#include <openwsk/send_completion.h>

#include <cstdint>
#include <string>

namespace owsk::conformance {

enum class TestedNetwork : std::uint8_t { linux_kernel, simulated };

inline TestedNetwork tested_network = TestedNetwork::linux_kernel;
// Of Linux; the simulation has one gate only.
inline GateMode tested_gate = GateMode::accepted;
// Where a test does not say itself when sends complete.
inline SendCompletion tested_sends = SendCompletion::buffered;
// Of the simulation, and the command line that replays the running test.
inline std::uint64_t tested_seed = 1;
inline std::string replay_line;

// Whether the driver is asked before the handshake.
inline bool asks_before_handshake() {
    return tested_network == TestedNetwork::simulated || tested_gate == GateMode::strict;
}

}  // namespace owsk::conformance
