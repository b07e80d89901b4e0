// SPDX-License-Identifier: MIT
// WskCloseSocket, WskGetLocalAddress and WskGetRemoteAddress: the same for every category.
#include "wsk/socket/functions.h"

#include <string>

#include "nt/ke/bug_check.h"
#include "wsk/socket/sockaddr.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

NTSTATUS hand_out_address(Socket& socket,
                          Request request,
                          const Result<Address>& address,
                          PSOCKADDR out) noexcept {
    NTSTATUS status = socket.health();
    if (NT_SUCCESS(status)) {
        status = out == nullptr ? STATUS_INVALID_PARAMETER : address.status();
    }
    if (NT_SUCCESS(status)) {
        write_sockaddr(*address, out);
    }
    return socket.finish(request, status);
}

}  // namespace

[[gnu::cold, gnu::noinline]] void refuse_category(PWSK_SOCKET socket, const char* kind) noexcept {
    nt::ke::broken_rule(Rule::function_of_another_category_called,
                        std::string("A function of a ") + kind +
                            "'s table was called with a socket of another category. Take "
                            "functions from the socket's own Dispatch.",
                        reinterpret_cast<ULONG_PTR>(socket));
}

// WskCloseSocket: cancel what is pending, wait for a running callback, reset the connection unless
// both sides have finished, and free the socket.
//
// IRQL       <= DISPATCH_LEVEL; also from inside the socket's own callbacks
// Completes  STATUS_SUCCESS, after every other IRP and callback of the socket
// Returns    STATUS_PENDING
// Docs       nc-wsk-pfn_wsk_close_socket
NTSTATUS NTAPI WskCloseSocket(PWSK_SOCKET Socket, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return wsk::Socket::of(Socket).close(Irp, nt::ke::CallPlace::here());
}

// WskGetLocalAddress: the address a socket is bound to.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_INVALID_DEVICE_STATE when not bound, STATUS_FILE_FORCED_CLOSED
// Docs       nc-wsk-pfn_wsk_get_local_address
NTSTATUS NTAPI WskGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    wsk::Socket& socket = wsk::Socket::of(Socket);
    require_sockaddr(LocalAddress, "WskGetLocalAddress");
    const Request request = socket.begin(Irp, Operation::query_address);
    return hand_out_address(socket, request, socket.local_address(), LocalAddress);
}

// WskGetRemoteAddress: the address of the peer.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_INVALID_DEVICE_STATE when not connected,
// STATUS_FILE_FORCED_CLOSED Docs       nc-wsk-pfn_wsk_get_remote_address
NTSTATUS NTAPI WskGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    wsk::Socket& socket = wsk::Socket::of(Socket);
    require_sockaddr(RemoteAddress, "WskGetRemoteAddress");
    const Request request = socket.begin(Irp, Operation::query_address);
    return hand_out_address(socket, request, socket.remote_address(), RemoteAddress);
}

}  // namespace owsk::wsk
