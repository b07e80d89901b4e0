// SPDX-License-Identifier: MIT
// RoleTurns: a turn for each role of a socket, as mode `hostile` wants it.
#pragma once

#include <array>

#include "wsk/services.h"
#include "wsk/turn/turn.h"

namespace owsk::wsk {

class RoleTurns {
  public:
    static constexpr unsigned roles_max = 3;

    RoleTurns(Work& work, Services& services) noexcept;

    Turn& turn(unsigned role) noexcept { return turns_[role].turn; }
    // Calls `visit` with each.
    template <typename Visit>
    void visit_all(Visit visit) noexcept {
        for (LateTurn& late : turns_) {
            visit(late.turn);
        }
    }
    // Has `turn`, if it is one of these, run at that time.
    bool put_off(Turn& turn, Instant due) noexcept;

  private:
    struct LateTurn final : host::Timer {
        LateTurn(Work& work, host::Processor& processor) noexcept : turn(work, processor) {}
        void expire() noexcept override { turn.run(); }
        Turn turn;
    };

    std::array<LateTurn, roles_max> turns_;
};

}  // namespace owsk::wsk
