// SPDX-License-Identifier: MIT
// The client-level functions of the provider: what WskCaptureProviderNPI hands out.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_DISPATCH provider_dispatch;

NTSTATUS NTAPI WskSocket(PWSK_CLIENT Client,
                         ADDRESS_FAMILY AddressFamily,
                         USHORT SocketType,
                         ULONG Protocol,
                         ULONG Flags,
                         PVOID SocketContext,
                         const VOID* Dispatch,
                         PEPROCESS OwningProcess,
                         PETHREAD OwningThread,
                         PSECURITY_DESCRIPTOR SecurityDescriptor,
                         PIRP Irp);

NTSTATUS NTAPI WskControlClient(PWSK_CLIENT Client,
                                ULONG ControlCode,
                                SIZE_T InputSize,
                                PVOID InputBuffer,
                                SIZE_T OutputSize,
                                PVOID OutputBuffer,
                                SIZE_T* OutputSizeReturned,
                                PIRP Irp);

}  // namespace owsk::wsk
