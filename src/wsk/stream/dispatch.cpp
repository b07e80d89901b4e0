// SPDX-License-Identifier: MIT
// The functions of a stream socket: those of sockets that connect and of sockets that listen, which
// see for themselves what it has become, and WskListen.
#include "wsk/stream/dispatch.h"

#include "wsk/connection/dispatch.h"
#include "wsk/socket/functions.h"
#include "wsk/stream/stream_socket.h"

namespace owsk::wsk {

namespace {

StreamSocket& stream_socket_of(PWSK_SOCKET socket,
                               const void* place = __builtin_return_address(0)) noexcept {
    Socket& any = Socket::of(socket, place);
    if (any.category() != Category::stream) {
        refuse_category(socket, "stream socket");
    }
    return static_cast<StreamSocket&>(any);
}

// WskListen: listen on the address that the socket is bound to. From now on it accepts, and cannot
// connect any more.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE when not bound, when a WskConnect is
//            pending or has succeeded, and when listening already; STATUS_ADDRESS_ALREADY_EXISTS
//            when another program has come to listen there, STATUS_INSUFFICIENT_RESOURCES,
//            STATUS_FILE_FORCED_CLOSED
// Docs       nc-wsk-pfn_wsk_listen
NTSTATUS NTAPI WskListen(PWSK_SOCKET Socket, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return stream_socket_of(Socket).listen(Irp);
}

// WskAccept: as that of a listening socket, once WskListen has succeeded.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP until completion; LocalAddress and RemoteAddress are written before that
// Completes  as the WskAccept of a listening socket
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
    return stream_socket_of(ListenSocket)
        .acceptor()
        .accept(
            {LocalAddress, RemoteAddress, AcceptSocketContext, AcceptSocketDispatch}, Flags, Irp);
}

}  // namespace

const WSK_PROVIDER_STREAM_DISPATCH stream_dispatch = {
    .Basic = basic_functions,
    .WskBind = connection_functions::WskBind,
    .WskAccept = WskAccept,
    .WskConnect = connection_functions::WskConnect,
    .WskListen = WskListen,
    .WskSend = connection_functions::WskSend,
    .WskReceive = connection_functions::WskReceive,
    .WskDisconnect = connection_functions::WskDisconnect,
    .WskRelease = connection_functions::WskRelease,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskGetRemoteAddress = WskGetRemoteAddress,
    .WskConnectEx = connection_functions::WskConnectEx,
    .WskSendEx = connection_functions::WskSendEx,
    .WskReceiveEx = connection_functions::WskReceiveEx,
};

}  // namespace owsk::wsk
