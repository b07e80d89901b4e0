// SPDX-License-Identifier: MIT
// The states of a listening socket, with the moves between them.
#pragma once

#include <cstdint>

namespace owsk::wsk {

enum class ListenState : std::uint8_t {
    unbound,
    binding,
    listening,
    failed,  // the transport is dead; only WskCloseSocket is left
};

constexpr bool may_move(ListenState from, ListenState to) noexcept {
    switch (from) {
        case ListenState::unbound:
            return to == ListenState::binding;
        case ListenState::binding:
            return to != ListenState::binding;
        case ListenState::listening:
            return to == ListenState::failed;
        case ListenState::failed:
            return false;
    }
    return false;
}

}  // namespace owsk::wsk
