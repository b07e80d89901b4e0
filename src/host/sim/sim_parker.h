// SPDX-License-Identifier: MIT
// SimParker: a parker of threads that take turns.
#pragma once

#include <utility>

#include "host/sim/world.h"

namespace owsk::host {

class SimParker final : public Parker {
  public:
    explicit SimParker(World& world) noexcept : world_(world) {}

    using Parker::park;
    bool park(std::optional<Instant> deadline, const Sleep& sleep) noexcept override {
        Player& self = world_.self("Parker::park");
        while (!std::exchange(token_, false)) {
            sleeper_ = &self;
            const bool woken = world_.sleep(deadline, sleep);
            sleeper_ = nullptr;
            if (!woken && !token_) {
                return false;
            }
        }
        return true;
    }

    void unpark() noexcept override {
        // An event has no thread of its own.
        if (!world_.in_event()) {
            world_.self("Parker::unpark");
        }
        token_ = true;
        if (sleeper_ != nullptr) {
            world_.wake(*sleeper_);
        }
    }

  private:
    World& world_;
    bool token_ = false;
    Player* sleeper_ = nullptr;
};

}  // namespace owsk::host
