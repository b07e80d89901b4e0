// SPDX-License-Identifier: MIT
// Spin locks: a KSPIN_LOCK holds its owner (the thread's address with the lowest bit set), or 0.
#pragma once

#include <wdm.h>

namespace owsk::nt::ke {

// Pauses a waiting loop: first the pipeline, and after a while the thread, since the owner may have
// been preempted. `round` counts the rounds of the loop.
void spin_pause(unsigned round) noexcept;

}  // namespace owsk::nt::ke
