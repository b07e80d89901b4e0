// SPDX-License-Identifier: MIT
// The functions that the dispatch tables of all categories share.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include "wsk/socket/category.h"

namespace owsk::wsk {

NTSTATUS NTAPI WskControlSocket(PWSK_SOCKET Socket,
                                WSK_CONTROL_SOCKET_TYPE RequestType,
                                ULONG ControlCode,
                                ULONG Level,
                                SIZE_T InputSize,
                                PVOID InputBuffer,
                                SIZE_T OutputSize,
                                PVOID OutputBuffer,
                                SIZE_T* OutputSizeReturned,
                                PIRP Irp);
NTSTATUS NTAPI WskCloseSocket(PWSK_SOCKET Socket, PIRP Irp);
NTSTATUS NTAPI WskGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp);
NTSTATUS NTAPI WskGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp);

// A function of the table of another category, `kind` by name, was called with that socket.
[[noreturn]] void refuse_category(PWSK_SOCKET socket, const char* kind) noexcept;

// The first two members of every table.
inline constexpr WSK_PROVIDER_BASIC_DISPATCH basic_functions = {WskControlSocket, WskCloseSocket};

}  // namespace owsk::wsk
