// SPDX-License-Identifier: MIT
// How long a listener waits before it tries again when the system is out of descriptors.
#pragma once

#include "base/time.h"

namespace owsk::net {

inline constexpr Duration exhaustion_pause = std::chrono::milliseconds(100);

}  // namespace owsk::net
