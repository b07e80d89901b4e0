// SPDX-License-Identifier: MIT
// The functions of a listening socket, as drivers call them.
#include "wsk/listen/dispatch.h"

#include "nt/mm/foreign.h"
#include "wsk/listen/listen_socket.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

ListenSocket& listen_socket_of(PWSK_SOCKET socket,
                               const void* place = __builtin_return_address(0)) noexcept {
    Socket& any = Socket::of(socket, place);
    if (any.category() != Category::listen) {
        refuse_category(socket, "listening socket");
    }
    return static_cast<ListenSocket&>(any);
}

// WskBind: give a listening socket its address; it listens from now on.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED when another
//            socket holds the address, STATUS_INVALID_ADDRESS_COMPONENT when it is not this
//            machine's, STATUS_INVALID_DEVICE_STATE when already bound, STATUS_INVALID_PARAMETER,
//            STATUS_NOT_IMPLEMENTED for a socket of UDP
// Docs       nc-wsk-pfn_wsk_bind
NTSTATUS NTAPI WskBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ListenSocket& socket = listen_socket_of(Socket);
    require_sockaddr(LocalAddress, "WskBind");
    return socket.bind(LocalAddress, Flags, Irp);
}

// WskAccept: hand over the next established connection, or pend the IRP until there is one.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP until completion; LocalAddress and RemoteAddress are written before that
// Completes  STATUS_SUCCESS (Information = new socket), STATUS_CANCELLED (also when the listener
//            closes), STATUS_INVALID_DEVICE_STATE when not listening, STATUS_FILE_FORCED_CLOSED
// Docs       nc-wsk-pfn_wsk_accept
NTSTATUS NTAPI WskAccept(PWSK_SOCKET ListenSocket,
                         ULONG Flags,
                         PVOID AcceptSocketContext,
                         const WSK_CLIENT_CONNECTION_DISPATCH* AcceptSocketDispatch,
                         PSOCKADDR LocalAddress,
                         PSOCKADDR RemoteAddress,
                         PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return listen_socket_of(ListenSocket)
        .acceptor()
        .accept(
            {LocalAddress, RemoteAddress, AcceptSocketContext, AcceptSocketDispatch}, Flags, Irp);
}

// WskInspectComplete: the late verdict on an attempt that WskInspectEvent has pended.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS: inspection has resumed; STATUS_NOT_FOUND for an identifier that is not
//            pended (any more), STATUS_INVALID_PARAMETER for another action than accept or reject,
//            STATUS_INVALID_DEVICE_REQUEST without conditional accept, STATUS_FILE_FORCED_CLOSED
// Docs       nc-wsk-pfn_wsk_inspect_complete
// Choice     docs/choices.md#inspect-complete-of-an-unknown-attempt
NTSTATUS NTAPI WskInspectComplete(PWSK_SOCKET ListenSocket,
                                  PWSK_INSPECT_ID InspectID,
                                  WSK_INSPECT_ACTION Action,
                                  PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    wsk::ListenSocket& socket = listen_socket_of(ListenSocket);
    if (InspectID != nullptr) {
        nt::mm::require_memory(
            InspectID, sizeof *InspectID, "a WSK_INSPECT_ID", "WskInspectComplete");
    }
    return socket.inspections().complete(InspectID, Action, Irp);
}

}  // namespace

const WSK_PROVIDER_LISTEN_DISPATCH listen_dispatch = {
    .Basic = basic_functions,
    .WskBind = WskBind,
    .WskAccept = WskAccept,
    .WskInspectComplete = WskInspectComplete,
    .WskGetLocalAddress = WskGetLocalAddress,
};

}  // namespace owsk::wsk
