// SPDX-License-Identifier: MIT
// The gate that this run of the tests uses; main() takes it from the command line.
#pragma once

#include <openwsk/gate_mode.h>

namespace owsk::conformance {

inline GateMode tested_gate = GateMode::emulate;

// Whether the driver is asked before the handshake.
inline bool asks_before_handshake() {
    return tested_gate == GateMode::strict;
}

}  // namespace owsk::conformance
