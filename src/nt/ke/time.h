// SPDX-License-Identifier: MIT
// Windows times (100 ns units; negative is relative, positive counts from 1601) as the machine's
// own.
#pragma once

#include <wdm.h>

#include "base/time.h"
#include "host/host.h"

namespace owsk::nt::ke {

// The moment that a due time or timeout means: now for one that is past, and in a hundred years for
// one that is later still, so that no sum can overflow.
Instant instant_of(host::Clock& clock, LONGLONG due) noexcept;

// 100 ns units since the machine's clock began.
ULONGLONG interrupt_time(host::Clock& clock) noexcept;

}  // namespace owsk::nt::ke
