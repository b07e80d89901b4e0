// SPDX-License-Identifier: MIT
// WaitNotices: counts how often anyone has said what an unload waits for.
#pragma once

#include <openwsk/observer.h>

#include <atomic>
#include <cstdint>

namespace owsk {

class WaitNotices final : public Observer {
  public:
    std::uint64_t count() const noexcept { return count_; }

    void unload_waits(const probe::UnloadWaits&) noexcept override { ++count_; }

  private:
    std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace owsk
