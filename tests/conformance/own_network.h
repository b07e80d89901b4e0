// SPDX-License-Identifier: MIT
// A network namespace of our own, in which any user may have the SYN gate.
#pragma once

#include <cstdint>

namespace owsk::conformance {

enum class OwnNetwork : std::uint8_t { entered, not_allowed, failed };

// Replaces this program by itself in such a namespace, where the call returns `entered`. What went
// wrong is said on standard error.
OwnNetwork enter_own_network(char** argv);

}  // namespace owsk::conformance
