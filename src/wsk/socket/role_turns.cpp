// SPDX-License-Identifier: MIT
// Each role is on a processor of its own, if there are as many.
#include "wsk/socket/role_turns.h"

namespace owsk::wsk {

RoleTurns::RoleTurns(Work& work, Services& services) noexcept
    : turns_{LateTurn{work, services.next_processor()},
             LateTurn{work, services.next_processor()},
             LateTurn{work, services.next_processor()}} {}

bool RoleTurns::put_off(Turn& turn, Instant due) noexcept {
    for (LateTurn& late : turns_) {
        if (&late.turn == &turn) {
            turn.processor().set_timer(late, due);
            return true;
        }
    }
    return false;
}

}  // namespace owsk::wsk
