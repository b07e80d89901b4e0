// SPDX-License-Identifier: MIT
// LinuxParker: a parker on one futex word.
#pragma once

#include <atomic>

#include "host/host.h"

namespace owsk::host {

class LinuxParker final : public Parker {
  public:
    using Parker::park;
    bool park(std::optional<Instant> deadline, const Sleep& sleep) noexcept override;
    void unpark() noexcept override;

  private:
    enum State : std::uint32_t { empty, token, sleeping };

    std::atomic<std::uint32_t> state_ = empty;
};

}  // namespace owsk::host
