// SPDX-License-Identifier: MIT
// ListenCallbacks: the callbacks that a driver has named for a listening socket, as they are
// called.
#pragma once

#include <openwsk/address.h>
#include <wsk.h>

#include "wsk/socket/callback_table.h"
#include "wsk/socket/inspect_id.h"

namespace owsk::wsk {

class ListenCallbacks {
  public:
    // `table` may be NULL, as WskSocket was given it.
    ListenCallbacks(PVOID context, const VOID* table) noexcept
        : context_(context), table_(table, "WskSocket") {}

    bool can_accept() const noexcept { return table_.named().WskAcceptEvent != nullptr; }
    // Whether it may listen with conditional accept.
    bool can_inspect() const noexcept {
        return table_.named().WskInspectEvent != nullptr && table_.named().WskAbortEvent != nullptr;
    }

    // The calls, without any lock. Precondition: the driver has named that callback.
    struct AcceptAnswer {
        NTSTATUS status;
        PVOID context;
        const WSK_CLIENT_CONNECTION_DISPATCH* dispatch;
    };
    AcceptAnswer accept(const Address& local,
                        const Address& remote,
                        PWSK_SOCKET socket) const noexcept;
    WSK_INSPECT_ACTION inspect(const Address& local,
                               const Address& remote,
                               InspectId id) const noexcept;
    NTSTATUS abort(InspectId id) const noexcept;
    // The listener has failed. The answers count for nothing.
    NTSTATUS accept_nothing() const noexcept;
    WSK_INSPECT_ACTION inspect_nothing() const noexcept;

  private:
    AcceptAnswer call_accept(PSOCKADDR local, PSOCKADDR remote, PWSK_SOCKET socket) const noexcept;

    const PVOID context_;
    const CallbackTable<WSK_CLIENT_LISTEN_DISPATCH> table_;
};

}  // namespace owsk::wsk
