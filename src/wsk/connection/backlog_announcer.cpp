// SPDX-License-Identifier: MIT
// When a change of the ideal backlog is worth a call of the driver.
#include "wsk/connection/backlog_announcer.h"

#include "wsk/turn/call_out.h"

namespace owsk::wsk {

namespace {

// By a quarter at least: the number moves all the time, and a driver that hears of it has to
// reconsider what it keeps outstanding.
bool differs(SIZE_T ideal, SIZE_T known) noexcept {
    return (ideal > known ? ideal - known : known - ideal) >= known / 4;
}

}  // namespace

SIZE_T BacklogAnnouncer::tell_locked(ConnectionCore& core) noexcept {
    const SIZE_T ideal = core.connection().ideal_send_backlog();
    known_ = static_cast<std::uint32_t>(ideal);
    return ideal;
}

bool BacklogAnnouncer::look_locked(ConnectionCore& core, std::uint64_t bytes_sent) noexcept {
    looked_at_ = step_of(bytes_sent);
    const SIZE_T ideal = core.connection().ideal_send_backlog();
    if (!differs(ideal, known_)) {
        return false;
    }
    known_ = static_cast<std::uint32_t>(ideal);
    const PVOID context = core.context_locked();
    const PFN_WSK_SEND_BACKLOG_EVENT callback = core.callbacks_locked().WskSendBacklogEvent;
    static_cast<void>(core.call_driver_locked(WSK_EVENT_SEND_BACKLOG,
                                              [&] { return call_out(callback, context, ideal); }));
    return true;
}

}  // namespace owsk::wsk
