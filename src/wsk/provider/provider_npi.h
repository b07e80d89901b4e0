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

NTSTATUS NTAPI WskSocketConnect(PWSK_CLIENT Client,
                                USHORT SocketType,
                                ULONG Protocol,
                                PSOCKADDR LocalAddress,
                                PSOCKADDR RemoteAddress,
                                ULONG Flags,
                                PVOID SocketContext,
                                const WSK_CLIENT_CONNECTION_DISPATCH* Dispatch,
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

NTSTATUS NTAPI WskGetAddressInfo(PWSK_CLIENT Client,
                                 PUNICODE_STRING NodeName,
                                 PUNICODE_STRING ServiceName,
                                 ULONG NameSpace,
                                 GUID* Provider,
                                 PADDRINFOEXW Hints,
                                 PADDRINFOEXW* Result,
                                 PEPROCESS OwningProcess,
                                 PETHREAD OwningThread,
                                 PIRP Irp);

VOID NTAPI WskFreeAddressInfo(PWSK_CLIENT Client, PADDRINFOEXW AddrInfo);

NTSTATUS NTAPI WskGetNameInfo(PWSK_CLIENT Client,
                              PSOCKADDR SockAddr,
                              ULONG SockAddrLength,
                              PUNICODE_STRING NodeName,
                              PUNICODE_STRING ServiceName,
                              ULONG Flags,
                              PEPROCESS OwningProcess,
                              PETHREAD OwningThread,
                              PIRP Irp);

}  // namespace owsk::wsk
