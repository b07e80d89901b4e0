// SPDX-License-Identifier: MIT
// WskAcceptEvent: a connection is shown to the driver, which takes or refuses its socket.
#include <utility>

#include "wsk/listen/acceptor.h"

namespace owsk::wsk {

bool Acceptor::event_is_on_locked() const noexcept {
    return core_.socket().events().is_on(WSK_EVENT_ACCEPT) && core_.callbacks().can_accept();
}

bool Acceptor::deliver_next_by_event_locked() noexcept {
    if (!event_is_on_locked()) {
        return false;
    }
    std::optional<Established> waiting = next_established_locked(incoming_);
    if (!waiting.has_value()) {
        return false;
    }
    const ULONG inherited = core_.socket().events().enabled() & connection_events;
    ConnectionSocket* const socket = make_socket_locked(std::move(*waiting), nullptr, nullptr);
    if (socket == nullptr) {
        return true;
    }
    static_cast<void>(core_.socket().call_driver_locked(
        WSK_EVENT_ACCEPT, [&] { return show_to_event(*socket, inherited); }));
    return true;
}

NTSTATUS Acceptor::show_to_event(ConnectionSocket& socket, ULONG inherited_events) noexcept {
    const Address local = *socket.local_address();
    const Address remote = *socket.remote_address();
    const Introduction introduction(socket);
    // Before the callback, which may disable some of them.
    socket.introduce(inherited_events);
    socket.start();
    const ListenCallbacks::AcceptAnswer answer =
        core_.callbacks().accept(local, remote, socket.api());
    if (NT_SUCCESS(answer.status)) {
        socket.adopt(answer.context, answer.dispatch);
        core_.socket().services().probes().connection_accepted(
            {local, remote, probe::AcceptPath::event});
    } else {
        socket.decline();
        core_.socket().services().probes().connection_declined({local, remote});
    }
    return answer.status;
}

bool Acceptor::announce_failure_locked() noexcept {
    if (!core_.has_failed_locked() || failure_announced_ || !event_is_on_locked()) {
        return false;
    }
    failure_announced_ = true;
    static_cast<void>(core_.socket().call_driver_locked(
        WSK_EVENT_ACCEPT, [&] { return core_.callbacks().accept_nothing(); }));
    return true;
}

}  // namespace owsk::wsk
