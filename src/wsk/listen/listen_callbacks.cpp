// SPDX-License-Identifier: MIT
// What is handed to a driver is a copy each time: it may scribble on it.
#include "wsk/listen/listen_callbacks.h"

#include "wsk/socket/sockaddr.h"
#include "wsk/turn/call_out.h"

namespace owsk::wsk {

ListenCallbacks::AcceptAnswer ListenCallbacks::call_accept(PSOCKADDR local,
                                                           PSOCKADDR remote,
                                                           PWSK_SOCKET socket) const noexcept {
    AcceptAnswer answer = {};
    answer.status = call_out(table_->WskAcceptEvent,
                             context_,
                             dispatch_level_flag(),
                             local,
                             remote,
                             socket,
                             &answer.context,
                             &answer.dispatch);
    return answer;
}

ListenCallbacks::AcceptAnswer ListenCallbacks::accept(const Address& local,
                                                      const Address& remote,
                                                      PWSK_SOCKET socket) const noexcept {
    SockaddrCopy shown_local(local);
    SockaddrCopy shown_remote(remote);
    return call_accept(shown_local.get(), shown_remote.get(), socket);
}

NTSTATUS ListenCallbacks::accept_nothing() const noexcept {
    return call_accept(nullptr, nullptr, nullptr).status;
}

WSK_INSPECT_ACTION ListenCallbacks::inspect(const Address& local,
                                            const Address& remote,
                                            InspectId id) const noexcept {
    SockaddrCopy shown_local(local);
    SockaddrCopy shown_remote(remote);
    ShownInspectId shown_id(id);
    return call_out(
        table_->WskInspectEvent, context_, shown_local.get(), shown_remote.get(), shown_id.get());
}

WSK_INSPECT_ACTION ListenCallbacks::inspect_nothing() const noexcept {
    return call_out(table_->WskInspectEvent, context_, nullptr, nullptr, nullptr);
}

NTSTATUS ListenCallbacks::abort(InspectId id) const noexcept {
    ShownInspectId shown_id(id);
    return call_out(table_->WskAbortEvent, context_, shown_id.get());
}

}  // namespace owsk::wsk
