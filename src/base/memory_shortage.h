// SPDX-License-Identifier: MIT
// memory_was_refused: the system has refused memory lately. Who keeps some at hand, to be quick,
// gives it back meanwhile.
#pragma once

#include <atomic>

namespace owsk {

// Set by who meets the refusal, and taken back when there is enough again. Any thread.
inline constinit std::atomic<bool> memory_was_refused = false;

}  // namespace owsk
