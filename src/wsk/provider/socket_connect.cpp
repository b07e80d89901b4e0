// SPDX-License-Identifier: MIT
// WskSocketConnect: making a socket that is connected.
#include <new>

#include "wsk/connection/connection_socket.h"
#include "wsk/provider/client_call.h"
#include "wsk/provider/provider_npi.h"
#include "wsk/request/ownerless_requests.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// The family of the socket is that of its local address.
Result<Family> family_of_socket(USHORT type, ULONG protocol, const SOCKADDR* local) noexcept {
    if (local == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    const std::optional<Family> family = family_of(local->sa_family);
    if (!family.has_value() || type != SOCK_STREAM || protocol != IPPROTO_TCP) {
        return STATUS_NOT_SUPPORTED;
    }
    return *family;
}

}  // namespace

// WskSocketConnect: make a connection-oriented socket, bind it and connect it.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS (Information = the PWSK_SOCKET), and what WskSocket, WskBind and
//            WskConnect complete with; then there is no socket
// Docs       nc-wsk-pfn_wsk_socket_connect
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
                                PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    if (Client == nullptr) {
        return refuse_without_client(Irp, Operation::socket_connect);
    }
    const ClientCall call(Client, "WskSocketConnect");
    require_sockaddr(LocalAddress, "WskSocketConnect");
    require_sockaddr(RemoteAddress, "WskSocketConnect");
    require_owner(OwningProcess, OwningThread, "WskSocketConnect");
    wsk::Client& client = call.client();
    Services& services = client.services();
    const DescriptorRef descriptor =
        services.descriptors().find(SecurityDescriptor, "WskSocketConnect");
    const Result<Family> family = family_of_socket(SocketType, Protocol, LocalAddress);
    if (!family) {
        return services.ownerless().finish(
            &client, Request::take(Irp, Operation::socket_connect, nullptr), family.status());
    }
    ConnectionSocket* const socket =
        services.faults().strikes(Fault::socket_allocation)
            ? nullptr
            : new (std::nothrow) ConnectionSocket(
                  client, *family, SocketContext, Dispatch, services.next_processor());
    if (socket == nullptr) {
        return services.ownerless().finish(&client,
                                           Request::take(Irp, Operation::socket_connect, nullptr),
                                           STATUS_INSUFFICIENT_RESOURCES);
    }
    static_cast<void>(socket->set_descriptor(descriptor));
    const nt::ke::CallPlace made_at = nt::ke::CallPlace::here();
    socket->enlist(&made_at);
    return socket->connector()->bind_and_connect(LocalAddress, RemoteAddress, Flags, Irp);
}

}  // namespace owsk::wsk
