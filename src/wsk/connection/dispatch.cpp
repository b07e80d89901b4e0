// SPDX-License-Identifier: MIT
// The functions of a connection-oriented socket, as drivers call them.
#include "wsk/connection/dispatch.h"

#include "nt/mm/foreign.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// A stream socket is one as well.
ConnectionSocket& connection_socket_of(PWSK_SOCKET socket,
                                       const void* place = __builtin_return_address(0)) noexcept {
    Socket& any = Socket::of(socket, place);
    if (any.category() != Category::connection && any.category() != Category::stream) {
        refuse_category(socket, "connection-oriented socket");
    }
    return static_cast<ConnectionSocket&>(any);
}

// What a call gets that only a socket of WskSocket takes.
NTSTATUS refuse_accepted(ConnectionSocket& socket, Operation operation, PIRP irp) noexcept {
    return socket.finish(socket.begin(irp, operation), STATUS_INVALID_DEVICE_STATE);
}

// WskSend and WskSendEx, which is `function`.
NTSTATUS send(ConnectionSocket& socket,
              PWSK_BUF buffer,
              ULONG flags,
              PIRP irp,
              const char* function) noexcept {
    require_usable(buffer, function);
    return socket.sender().send(buffer, flags, irp);
}

// WskReceive and WskReceiveEx, likewise.
NTSTATUS receive(ConnectionSocket& socket,
                 PWSK_BUF buffer,
                 ULONG flags,
                 PIRP irp,
                 const char* function) noexcept {
    require_usable(buffer, function);
    return socket.receiver().receive(buffer, flags, irp);
}

}  // namespace

namespace connection_functions {

// WskBind: give a socket the address that it will connect from, or a stream socket listen on. With
// the wildcard the address is chosen by WskConnect, and only the port now.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED when another
//            socket holds the address, STATUS_INVALID_ADDRESS_COMPONENT when it is not this
//            machine's, STATUS_INVALID_DEVICE_STATE when already bound, STATUS_INVALID_PARAMETER
// Docs       nc-wsk-pfn_wsk_bind
NTSTATUS NTAPI WskBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_sockaddr(LocalAddress, "WskBind");
    Connector* const connector = socket.connector();
    return connector != nullptr ? connector->bind(LocalAddress, Flags, Irp)
                                : refuse_accepted(socket, Operation::bind, Irp);
}

// WskConnect: connect a bound socket.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_CONNECTION_REFUSED, STATUS_IO_TIMEOUT when nothing answers,
//            STATUS_HOST_UNREACHABLE, STATUS_NETWORK_UNREACHABLE, STATUS_ADDRESS_ALREADY_EXISTS
//            when the two ends are connected already, STATUS_CANCELLED, STATUS_INVALID_DEVICE_STATE
//            when not bound or connected already, STATUS_INVALID_ADDRESS_COMPONENT for the wildcard
//            or port 0, STATUS_INVALID_PARAMETER
// Docs       nc-wsk-pfn_wsk_connect
NTSTATUS NTAPI WskConnect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_sockaddr(RemoteAddress, "WskConnect");
    Connector* const connector = socket.connector();
    return connector != nullptr ? connector->connect(RemoteAddress, nullptr, Flags, Irp)
                                : refuse_accepted(socket, Operation::connect, Irp);
}

// WskConnectEx: connect a bound socket, and send the first bytes, if Buffer is not NULL, which has
// at most 65,535 of them.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP and the MDL chain until completion, not the WSK_BUF
// Completes  as WskConnect, with STATUS_SUCCESS (Information = 0) when the network has taken the
//            bytes as well; STATUS_BUFFER_OVERFLOW for more bytes than that
// Docs       nc-wsk-pfn_wsk_connect_ex
NTSTATUS NTAPI WskConnectEx(
    PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    require_sockaddr(RemoteAddress, "WskConnectEx");
    require_usable(Buffer, "WskConnectEx");
    Connector* const connector = socket.connector();
    return connector != nullptr ? connector->connect(RemoteAddress, Buffer, Flags, Irp)
                                : refuse_accepted(socket, Operation::connect, Irp);
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
    return send(connection_socket_of(Socket), Buffer, Flags, Irp, "WskSend");
}

// WskSendEx: as WskSend. TCP carries no control data, so there is none to be looked at.
//
// Docs       nc-wsk-pfn_wsk_send_ex
// Choice     docs/choices.md#connections
NTSTATUS NTAPI WskSendEx(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, ULONG, PCMSGHDR, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return send(connection_socket_of(Socket), Buffer, Flags, Irp, "WskSendEx");
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
    return receive(connection_socket_of(Socket), Buffer, Flags, Irp, "WskReceive");
}

// WskReceiveEx: as WskReceive. There is no control data: *ControlInfoLength becomes 0, in the call.
//
// Docs       nc-wsk-pfn_wsk_receive_ex
// Choice     docs/choices.md#connections
NTSTATUS NTAPI WskReceiveEx(PWSK_SOCKET Socket,
                            PWSK_BUF Buffer,
                            ULONG Flags,
                            PULONG ControlInfoLength,
                            PCMSGHDR,
                            PULONG,
                            PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ConnectionSocket& socket = connection_socket_of(Socket);
    if (ControlInfoLength != nullptr) {
        nt::mm::require_memory(
            ControlInfoLength, sizeof *ControlInfoLength, "a ControlInfoLength", "WskReceiveEx");
        *ControlInfoLength = 0;
    }
    return receive(socket, Buffer, Flags, Irp, "WskReceiveEx");
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
    return connection_socket_of(Socket).indicator().release(DataIndication);
}

}  // namespace connection_functions

const WSK_PROVIDER_CONNECTION_DISPATCH connection_dispatch = {
    .Basic = basic_functions,
    .WskBind = connection_functions::WskBind,
    .WskConnect = connection_functions::WskConnect,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskGetRemoteAddress = WskGetRemoteAddress,
    .WskSend = connection_functions::WskSend,
    .WskReceive = connection_functions::WskReceive,
    .WskDisconnect = connection_functions::WskDisconnect,
    .WskRelease = connection_functions::WskRelease,
    .WskConnectEx = connection_functions::WskConnectEx,
    .WskSendEx = connection_functions::WskSendEx,
    .WskReceiveEx = connection_functions::WskReceiveEx,
};

}  // namespace owsk::wsk
