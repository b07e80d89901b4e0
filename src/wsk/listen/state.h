// SPDX-License-Identifier: MIT
// The states of a listening socket and of one inspected request, with the moves between them.
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

// One request on a conditional listener, from WskInspectEvent to its socket or its end. A request
// that is rejected, delivered or reported as aborted is forgotten.
enum class InspectionState : std::uint8_t {
    inspecting,         // WskInspectEvent is running
    aborted_meanwhile,  // the request went away while WskInspectEvent was running
    pended,             // waits for WskInspectComplete
    establishing,       // accepted; waits for the network
    aborted,            // went away; WskAbortEvent is due
};

constexpr bool may_move(InspectionState from, InspectionState to) noexcept {
    switch (from) {
        case InspectionState::inspecting:
            return to != InspectionState::inspecting;
        case InspectionState::aborted_meanwhile:
            return to == InspectionState::aborted;
        case InspectionState::pended:
            return to == InspectionState::establishing || to == InspectionState::aborted;
        case InspectionState::establishing:
            return to == InspectionState::aborted;
        case InspectionState::aborted:
            return false;
    }
    return false;
}

}  // namespace owsk::wsk
