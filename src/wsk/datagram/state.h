// SPDX-License-Identifier: MIT
// The states of a datagram socket, with the moves between them.
#pragma once

#include <cstdint>

namespace owsk::wsk {

enum class DatagramState : std::uint8_t { unbound, binding, bound };

constexpr bool may_move(DatagramState from, DatagramState to) noexcept {
    switch (from) {
        case DatagramState::unbound:
            return to == DatagramState::binding;
        case DatagramState::binding:
            return to != DatagramState::binding;
        case DatagramState::bound:
            return false;
    }
    return false;
}

}  // namespace owsk::wsk
