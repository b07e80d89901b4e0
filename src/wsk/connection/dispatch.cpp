// SPDX-License-Identifier: MIT
// The functions of a connection-oriented socket, as drivers call them.
#include "wsk/connection/dispatch.h"

#include "nt/ke/bug_check.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/not_implemented.h"

namespace owsk::wsk {

namespace {

ConnectionSocket& connection_socket_of(PWSK_SOCKET socket,
                                       const void* place = __builtin_return_address(0)) noexcept {
    Socket& any = Socket::of(socket, place);
    if (any.category() != Category::connection) {
        nt::ke::broken_rule("function-of-another-category",
                            "A function of a connection-oriented socket's table was called with a "
                            "socket of another category. Take functions from the socket's own "
                            "Dispatch.",
                            reinterpret_cast<ULONG_PTR>(socket));
    }
    return static_cast<ConnectionSocket&>(any);
}

// WskSend: send bytes over a connection.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP and the MDL chain until completion, not the WSK_BUF
// Completes  STATUS_SUCCESS (Information = Length) when the network has taken all bytes,
//            STATUS_CANCELLED, STATUS_INVALID_DEVICE_STATE after WskDisconnect or when not
//            connected, STATUS_CONNECTION_RESET, STATUS_CONNECTION_ABORTED, STATUS_NOT_SUPPORTED
//            for a flag
// Docs       nc-wsk-pfn_wsk_send
NTSTATUS NTAPI WskSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_usable(Buffer, "WskSend");
    return socket.send(Buffer, Flags, Irp);
}

// WskReceive: receive bytes; 0 of them mean that the peer has finished sending.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP and the MDL chain until completion, not the WSK_BUF
// Completes  STATUS_SUCCESS (Information = bytes), STATUS_CANCELLED, STATUS_CONNECTION_RESET,
//            STATUS_CONNECTION_ABORTED, STATUS_INVALID_DEVICE_STATE when not connected
// Docs       nc-wsk-pfn_wsk_receive
NTSTATUS NTAPI WskReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_usable(Buffer, "WskReceive");
    return socket.receive(Buffer, Flags, Irp);
}

// WskDisconnect: finish sending, after everything queued and an optional last buffer; or, with
// WSK_FLAG_ABORTIVE, reset the connection.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS when the peer has acknowledged the FIN, or at once when abortive;
//            STATUS_CANCELLED when an abortive disconnect or the close comes first
// Docs       nc-wsk-pfn_wsk_disconnect
NTSTATUS NTAPI WskDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_usable(Buffer, "WskDisconnect");
    return socket.disconnect(Buffer, Flags, Irp);
}

// WskRelease: give back an indication that WskReceiveEvent has retained with STATUS_PENDING.
//
// IRQL       <= DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_INVALID_PARAMETER for what this socket has not indicated
// Docs       nc-wsk-pfn_wsk_release_data_indication_list
NTSTATUS NTAPI WskRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication) {
    return connection_socket_of(Socket).release(DataIndication);
}

}  // namespace

const WSK_PROVIDER_CONNECTION_DISPATCH connection_dispatch = {
    .Basic = basic_functions,
    .WskBind = not_implemented<PFN_WSK_BIND>,
    .WskConnect = not_implemented<PFN_WSK_CONNECT>,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskGetRemoteAddress = WskGetRemoteAddress,
    .WskSend = WskSend,
    .WskReceive = WskReceive,
    .WskDisconnect = WskDisconnect,
    .WskRelease = WskRelease,
    .WskConnectEx = not_implemented<PFN_WSK_CONNECT_EX>,
    .WskSendEx = not_implemented<PFN_WSK_SEND_EX>,
    .WskReceiveEx = not_implemented<PFN_WSK_RECEIVE_EX>,
};

}  // namespace owsk::wsk
