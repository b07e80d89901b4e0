// SPDX-License-Identifier: MIT
// move_to: the one way to change a state; a move that the state's table does not have is our bug.
#pragma once

#include "base/assert.h"

namespace owsk::wsk {

template <typename State>
void move_to(State& state, State next) noexcept {
    OWSK_ASSERT(may_move(state, next));
    state = next;
}

}  // namespace owsk::wsk
