// SPDX-License-Identifier: MIT
// The table of listening sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_LISTEN_DISPATCH listen_dispatch;

// What the table of stream sockets has as well.
namespace listen_functions {
NTSTATUS NTAPI WskAccept(PWSK_SOCKET ListenSocket,
                         ULONG Flags,
                         PVOID AcceptSocketContext,
                         const WSK_CLIENT_CONNECTION_DISPATCH* AcceptSocketDispatch,
                         PSOCKADDR LocalAddress,
                         PSOCKADDR RemoteAddress,
                         PIRP Irp);
}  // namespace listen_functions

}  // namespace owsk::wsk
