// SPDX-License-Identifier: MIT
// The port, as the roles see it.
#include "wsk/datagram/datagram_core.h"

#include "wsk/datagram/dispatch.h"
#include "wsk/request/completion_policy.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

DatagramCore::DatagramCore(SocketClient& client,
                           Family family,
                           PVOID context,
                           const VOID* dispatch,
                           host::Processor& processor) noexcept
    : Socket(client, Category::datagram, &datagram_dispatch, processor),
      family_(family),
      context_(context),
      dispatch_(dispatch, "WskSocket"),
      options_(family) {}

CompletionMode DatagramCore::choose_mode(Operation operation) noexcept {
    return services().completion().choose(operation);
}

void DatagramCore::move_to_locked(DatagramState next) noexcept {
    move_to(state_, next);
}

bool DatagramCore::event_is_on_locked() const noexcept {
    return !is_closing_locked() && is_bound_locked() && events().is_on(WSK_EVENT_RECEIVE_FROM) &&
           has_callbacks_locked(WSK_EVENT_RECEIVE_FROM);
}

bool DatagramCore::has_callbacks_locked(ULONG mask) const noexcept {
    return (mask & WSK_EVENT_RECEIVE_FROM) == 0 || dispatch_.named().WskReceiveFromEvent != nullptr;
}

void DatagramCore::want_turn_at_locked(Instant due) noexcept {
    alarm_was_set_ = true;
    turn().processor().set_timer(*this, due);
}

void DatagramCore::expire() noexcept {
    SocketLock lock(mutex());
    want_turns_locked();
}

void DatagramCore::cancel_alarm() noexcept {
    bool was_set = false;
    {
        SocketLock lock(mutex());
        was_set = alarm_was_set_;
    }
    if (was_set) {
        turn().processor().cancel_timer(*this);
    }
}

Result<Address> DatagramCore::local_address() noexcept {
    SocketLock lock(mutex());
    if (!is_bound_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return port_->local_address();
}

}  // namespace owsk::wsk
