// SPDX-License-Identifier: MIT
// WskSocket: making a socket of each category.
#include "wsk/basic/plain_socket.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/datagram/datagram_socket.h"
#include "wsk/listen/listen_socket.h"
#include "wsk/provider/client_call.h"
#include "wsk/provider/provider_npi.h"
#include "wsk/request/ownerless_requests.h"
#include "wsk/socket/sockaddr.h"
#include "wsk/stream/stream_socket.h"

namespace owsk::wsk {

namespace {

struct Creation {
    Family family;
    Category category;
    USHORT type;
    ULONG protocol;
    PVOID context;
    const VOID* dispatch;
    DescriptorRef descriptor;
};

// A new socket, if there is one, with the descriptor that it was made with.
template <typename Made>
Socket* secured(Made* socket, const DescriptorRef& descriptor) noexcept {
    if (socket != nullptr && descriptor != nullptr) {
        static_cast<void>(socket->set_descriptor(descriptor));
    }
    return socket;
}

Result<Category> category_of(ULONG flags) noexcept {
    switch (flags) {
        case WSK_FLAG_BASIC_SOCKET:
            return Category::basic;
        case WSK_FLAG_LISTEN_SOCKET:
            return Category::listen;
        case WSK_FLAG_CONNECTION_SOCKET:
            return Category::connection;
        case WSK_FLAG_DATAGRAM_SOCKET:
            return Category::datagram;
        case WSK_FLAG_STREAM_SOCKET:
            return Category::stream;
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

// The table of af-inet and af-inet6, and what Windows makes besides: listening sockets of UDP,
// which cannot be bound.
bool is_legal(Category category, USHORT type, ULONG protocol) noexcept {
    const bool tcp = type == SOCK_STREAM && protocol == IPPROTO_TCP;
    const bool udp = type == SOCK_DGRAM && protocol == IPPROTO_UDP;
    const bool raw = type == SOCK_RAW;
    switch (category) {
        case Category::basic:
            return tcp || udp || raw;
        case Category::datagram:
            return udp || raw;
        case Category::listen:
            return tcp || udp;
        case Category::connection:
        case Category::stream:
            return tcp;
    }
    return false;
}

Socket* create(Client& client, const Creation& creation) noexcept {
    if (client.services().faults().strikes(Fault::socket_allocation)) {
        return nullptr;
    }
    host::Processor& processor = client.services().next_processor();
    switch (creation.category) {
        case Category::listen:
            return secured(new (std::nothrow) ListenSocket(client,
                                                           {creation.family, creation.protocol},
                                                           creation.context,
                                                           creation.dispatch,
                                                           processor),
                           creation.descriptor);
        case Category::connection:
            return secured(
                new (std::nothrow) ConnectionSocket(
                    client, creation.family, creation.context, creation.dispatch, processor),
                creation.descriptor);
        case Category::datagram:
            return secured(new (std::nothrow)
                               DatagramSocket(client,
                                              {creation.family, creation.type == SOCK_DGRAM},
                                              creation.context,
                                              creation.dispatch,
                                              processor),
                           creation.descriptor);
        case Category::stream:
            return secured(
                new (std::nothrow) StreamSocket(
                    client, creation.family, creation.context, creation.dispatch, processor),
                creation.descriptor);
        case Category::basic:
            return new (std::nothrow) PlainSocket(client, creation.family, processor);
    }
    return nullptr;
}

}  // namespace

// WskSocket: make a socket of the category that Flags names.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS (Information = the PWSK_SOCKET), STATUS_INVALID_HANDLE without a
//            client, STATUS_INVALID_PARAMETER for Flags that are no category or a context where
//            none may be, STATUS_NOT_SUPPORTED for a combination of family, type and protocol that
//            the category does not have, STATUS_INSUFFICIENT_RESOURCES
// Docs       nc-wsk-pfn_wsk_socket
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
                         PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    if (Client == nullptr) {
        return refuse_without_client(Irp, Operation::create);
    }
    const ClientCall call(Client, "WskSocket");
    require_owner(OwningProcess, OwningThread, "WskSocket");
    wsk::Client& client = call.client();
    const DescriptorRef descriptor =
        client.services().descriptors().find(SecurityDescriptor, "WskSocket");
    const Request request = Request::take(Irp, Operation::create, nullptr);
    OwnerlessRequests& ownerless = client.services().ownerless();
    const Result<Category> category = category_of(Flags);
    if (!category) {
        return ownerless.finish(&client, request, category.status());
    }
    const std::optional<Family> family = family_of(AddressFamily);
    if (!family.has_value() || !is_legal(*category, SocketType, Protocol)) {
        return ownerless.finish(&client, request, STATUS_NOT_SUPPORTED);
    }
    if (*category == Category::basic && (SocketContext != nullptr || Dispatch != nullptr)) {
        return ownerless.finish(&client, request, STATUS_INVALID_PARAMETER);
    }
    wsk::Socket* socket = create(
        client, {*family, *category, SocketType, Protocol, SocketContext, Dispatch, descriptor});
    if (socket == nullptr) {
        return ownerless.finish(&client, request, STATUS_INSUFFICIENT_RESOURCES);
    }
    const nt::ke::CallPlace made_at = nt::ke::CallPlace::here();
    socket->enlist(&made_at);
    return ownerless.finish(
        &client, request, STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(socket->api()));
}

}  // namespace owsk::wsk
