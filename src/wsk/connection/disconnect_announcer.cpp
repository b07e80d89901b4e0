// SPDX-License-Identifier: MIT
// Each end is announced once.
#include "wsk/connection/disconnect_announcer.h"

#include "wsk/turn/call_out.h"

namespace owsk::wsk {

bool DisconnectAnnouncer::announce_locked(const IncomingStream& incoming) noexcept {
    return announce_disconnect_locked(incoming) || announce_failed_start_locked(incoming.core());
}

bool DisconnectAnnouncer::announce_disconnect_locked(const IncomingStream& incoming) noexcept {
    ConnectionCore& core = incoming.core();
    if (!core.event_is_on_locked(WSK_EVENT_DISCONNECT)) {
        return false;
    }
    ULONG flags = 0;
    if (abort_due_) {
        abort_due_ = false;
        flags = WSK_FLAG_ABORTIVE;
    } else {
        // With events the data comes first; a driver that receives by IRP is told at once.
        const bool finished =
            incoming.state_locked() == ReceiveState::finished ||
            (incoming.state_locked() == ReceiveState::open && incoming.peer_has_finished_locked() &&
             !incoming.has_leftover_locked() && !core.event_is_on_locked(WSK_EVENT_RECEIVE));
        if (!finished || finish_announced_) {
            return false;
        }
        finish_announced_ = true;
    }
    const PVOID context = core.context_locked();
    const PFN_WSK_DISCONNECT_EVENT callback = core.callbacks_locked().WskDisconnectEvent;
    static_cast<void>(core.call_driver_locked(WSK_EVENT_DISCONNECT, [&] {
        return call_out(callback, context, flags | dispatch_level_flag());
    }));
    return true;
}

// Without WskDisconnectEvent this is how a driver hears of a socket that does not work.
bool DisconnectAnnouncer::announce_failed_start_locked(ConnectionCore& core) noexcept {
    if (core.has_started_locked() || !abort_due_ || !core.event_is_on_locked(WSK_EVENT_RECEIVE)) {
        return false;
    }
    abort_due_ = false;
    const PVOID context = core.context_locked();
    const PFN_WSK_RECEIVE_EVENT callback = core.callbacks_locked().WskReceiveEvent;
    static_cast<void>(core.call_driver_locked(WSK_EVENT_RECEIVE, [&] {
        SIZE_T accepted = 0;
        return call_out(callback, context, dispatch_level_flag(), nullptr, 0, &accepted);
    }));
    return true;
}

}  // namespace owsk::wsk
