// SPDX-License-Identifier: MIT
// CompletionMode: when a WSK call that could finish at once completes its IRP.
#pragma once

#include <cstdint>

namespace owsk {

enum class CompletionMode : std::uint8_t {
    windows,    // maybe before it returns, and returns STATUS_PENDING, as observed on Windows
    immediate,  // before it returns, and returns the final status, as documented
    deferred,   // not from inside the call, but from a processor; returns STATUS_PENDING
    mixed,      // each call one of the three, chosen by the seed
    // All that the documentation permits, by the seed: as mixed, and completions and callbacks of a
    // socket's roles (sending, receiving, events; accepting, inspecting) come in no order among
    // each other, on several processors at once if the machine has them, some of them much later.
    hostile,
};

}  // namespace owsk
