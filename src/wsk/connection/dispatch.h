// SPDX-License-Identifier: MIT
// The table of connection-oriented sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_CONNECTION_DISPATCH connection_dispatch;

// Those of this table, which that of stream sockets has as well.
namespace connection_functions {
NTSTATUS NTAPI WskBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskConnect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskConnectEx(
    PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskSendEx(PWSK_SOCKET Socket,
                         PWSK_BUF Buffer,
                         ULONG Flags,
                         ULONG ControlInfoLength,
                         PCMSGHDR ControlInfo,
                         PIRP Irp);
NTSTATUS NTAPI WskReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskReceiveEx(PWSK_SOCKET Socket,
                            PWSK_BUF Buffer,
                            ULONG Flags,
                            PULONG ControlInfoLength,
                            PCMSGHDR ControlInfo,
                            PULONG ControlFlags,
                            PIRP Irp);
NTSTATUS NTAPI WskDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS NTAPI WskRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication);
}  // namespace connection_functions

}  // namespace owsk::wsk
