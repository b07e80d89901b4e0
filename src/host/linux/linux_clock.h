// SPDX-License-Identifier: MIT
// LinuxClock: the time of the machine we run on.
#pragma once

#include "host/host.h"

namespace owsk::host {

class LinuxClock final : public Clock {
  public:
    Instant now() const noexcept override;
    std::int64_t system_time() const noexcept override;
};

}  // namespace owsk::host
