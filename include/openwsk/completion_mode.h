// SPDX-License-Identifier: MIT
// CompletionMode: when a WSK call that could finish at once completes its IRP.
#pragma once

#include <cstdint>

namespace owsk {

enum class CompletionMode : std::uint8_t {
    windows,   // maybe before it returns, and returns STATUS_PENDING, as observed on Windows
    at_once,   // before it returns, and returns the final status, as documented ("inline")
    deferred,  // not from inside the call, but from a processor; returns STATUS_PENDING
    mixed,     // each call one of the three, chosen by the seed
};

}  // namespace owsk
