// SPDX-License-Identifier: MIT
// SO_WSK_EVENT_CALLBACK: switching event callbacks on and off.
#include <bit>
#include <cstring>

#include "base/planted.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

bool names_wsk(PNPIID id) noexcept {
    return id != nullptr && std::memcmp(id, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)) == 0;
}

}  // namespace

ULONG event_kinds_of(Category category) noexcept {
    switch (category) {
        case Category::listen:
        case Category::stream:
            return WSK_EVENT_ACCEPT | connection_events;
        case Category::connection:
            return connection_events;
        case Category::datagram:
            return WSK_EVENT_RECEIVE_FROM;
        case Category::basic:
            return 0;
    }
    return 0;
}

NTSTATUS Socket::check_event_control_locked(
    const WSK_EVENT_CALLBACK_CONTROL& control) const noexcept {
    const bool disable = (control.EventMask & WSK_EVENT_DISABLE) != 0;
    const ULONG mask = control.EventMask & ~WSK_EVENT_DISABLE;
    if (!names_wsk(control.NpiId) || mask == 0 || (mask & ~event_kinds_locked()) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if (disable && std::popcount(mask) != 1) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!can_have_events_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if ((mask & events_.static_events()) != 0) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    if (disable) {
        // What accepted sockets inherit stays on for as long as the listener lives.
        const bool inherited =
            (event_kinds_locked() & WSK_EVENT_ACCEPT) != 0 && (mask & connection_events) != 0;
        return inherited ? STATUS_INVALID_DEVICE_REQUEST : STATUS_SUCCESS;
    }
    return has_callbacks_locked(mask) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS Socket::control_events(const WSK_EVENT_CALLBACK_CONTROL& control,
                                Request request) noexcept {
    NTSTATUS status = STATUS_SUCCESS;
    {
        SocketLock lock(mutex());
        check_open_locked("WskControlSocket");
        status = check_event_control_locked(control);
        const ULONG mask = control.EventMask & ~WSK_EVENT_DISABLE;
        if (NT_SUCCESS(status) && (control.EventMask & WSK_EVENT_DISABLE) != 0) {
            events_.disable(mask);
            if (events_.is_running(mask) && !OWSK_PLANTED(disable_not_waited_for)) {
                if (!request) {
                    return STATUS_EVENT_PENDING;
                }
                // Completions wait for the running callback, because it has their turn.
                request.decide(STATUS_SUCCESS, 0);
                Turn& turn = turn_of_events();
                turn.take_over_request_locked(turn_);
                return turn.finish_later_locked(request);
            }
        } else if (NT_SUCCESS(status)) {
            events_.enable(mask);
            want_turns_locked();
        }
    }
    return request ? finish(request, status) : status;
}

}  // namespace owsk::wsk
