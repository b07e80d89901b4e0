// SPDX-License-Identifier: MIT
// The functions of a datagram socket, as drivers call them.
#include "wsk/datagram/dispatch.h"

#include "nt/mm/foreign.h"
#include "wsk/datagram/datagram_socket.h"
#include "wsk/memory/transfer.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

DatagramSocket& datagram_socket_of(PWSK_SOCKET socket,
                                   const void* place = __builtin_return_address(0)) noexcept {
    Socket& any = Socket::of(socket, place);
    if (any.category() != Category::datagram) {
        refuse_category(socket, "datagram socket");
    }
    return static_cast<DatagramSocket&>(any);
}

void require_control(const void* control, ULONG length, const char* function) noexcept {
    if (control != nullptr && length != 0) {
        nt::mm::require_memory(control, length, "a ControlInfo", function);
    }
}

void require_list(const WSK_BUF_LIST* list) noexcept {
    for (; list != nullptr; list = list->Next) {
        nt::mm::require_memory(list, sizeof *list, "a WSK_BUF_LIST", "WskSendMessages");
        require_usable(&list->Buffer, "WskSendMessages");
    }
}

// Where WskReceiveFrom may put something, it will.
void require_targets(const ReceiveTargets& targets) noexcept {
    const auto require = [](const void* target, SIZE_T size, const char* what) {
        if (target != nullptr) {
            nt::mm::require_memory(target, size, what, "WskReceiveFrom");
        }
    };
    require_sockaddr(targets.remote, "WskReceiveFrom");
    require(targets.control_length, sizeof(ULONG), "a ControlLength");
    require(targets.control_flags, sizeof(ULONG), "a ControlFlags");
    if (targets.control_length != nullptr) {
        require_control(targets.control, *targets.control_length, "WskReceiveFrom");
    }
}

// WskBind: give a datagram socket its address; it may send and receive from now on.
//
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED when another
//            socket holds the address, STATUS_INVALID_ADDRESS_COMPONENT when it is not this
//            machine's, STATUS_INVALID_DEVICE_STATE when already bound, STATUS_INVALID_PARAMETER,
//            STATUS_NOT_IMPLEMENTED for a raw socket
// Docs       nc-wsk-pfn_wsk_bind
NTSTATUS NTAPI WskBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    DatagramSocket& socket = datagram_socket_of(Socket);
    require_sockaddr(LocalAddress, "WskBind");
    return socket.bind(LocalAddress, Flags, Irp);
}

// WskSendTo: send a datagram to RemoteAddress or, if that is NULL, to the address that an IOCTL has
// set.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP and the MDL chain until completion, not the WSK_BUF, the address and the
//            control data
// Completes  STATUS_SUCCESS (Information = Length) when the network has taken the datagram,
//            STATUS_INVALID_BUFFER_SIZE when it is too long, STATUS_ACCESS_DENIED for a broadcast
//            without SO_BROADCAST, STATUS_INVALID_DEVICE_STATE when not bound,
//            STATUS_INVALID_ADDRESS_COMPONENT for the wildcard or port 0, STATUS_CANCELLED,
//            STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER, also for malformed control
//            data, STATUS_NOT_SUPPORTED for unknown control data
// Docs       nc-wsk-pfn_wsk_send_to
NTSTATUS NTAPI WskSendTo(PWSK_SOCKET Socket,
                         PWSK_BUF Buffer,
                         ULONG Flags,
                         PSOCKADDR RemoteAddress,
                         ULONG ControlInfoLength,
                         PCMSGHDR ControlInfo,
                         PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    DatagramSocket& socket = datagram_socket_of(Socket);
    require_usable(Buffer, "WskSendTo");
    require_sockaddr(RemoteAddress, "WskSendTo");
    require_control(ControlInfo, ControlInfoLength, "WskSendTo");
    return socket.sender().send_to(
        Buffer, {RemoteAddress, ControlInfoLength, ControlInfo, Flags}, Irp);
}

// WskSendMessages: send a datagram for each buffer of a list, in order, as WskSendTo does.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP, the list and its MDL chains until completion, not the address and the
//            control data
// Completes  STATUS_SUCCESS (Information = the bytes of all), and as WskSendTo (Information = the
//            bytes of those that were sent)
// Docs       nc-wsk-pfn_wsk_send_messages
NTSTATUS NTAPI WskSendMessages(PWSK_SOCKET Socket,
                               PWSK_BUF_LIST BufferList,
                               ULONG Flags,
                               PSOCKADDR RemoteAddress,
                               ULONG ControlInfoLength,
                               PCMSGHDR ControlInfo,
                               PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    DatagramSocket& socket = datagram_socket_of(Socket);
    require_list(BufferList);
    require_sockaddr(RemoteAddress, "WskSendMessages");
    require_control(ControlInfo, ControlInfoLength, "WskSendMessages");
    return socket.sender().send_messages(
        BufferList, {RemoteAddress, ControlInfoLength, ControlInfo, Flags}, Irp);
}

// WskReceiveFrom: receive a datagram. What exceeds the buffer is lost, and ControlFlags say so.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP, the MDL chain and where RemoteAddress, ControlLength, ControlInfo and
//            ControlFlags point until completion, not the WSK_BUF
// Completes  STATUS_SUCCESS (Information = bytes), STATUS_CANCELLED, STATUS_INVALID_DEVICE_STATE
//            when not bound, STATUS_INVALID_PARAMETER
// Docs       nc-wsk-pfn_wsk_receive_from
NTSTATUS NTAPI WskReceiveFrom(PWSK_SOCKET Socket,
                              PWSK_BUF Buffer,
                              ULONG Flags,
                              PSOCKADDR RemoteAddress,
                              PULONG ControlLength,
                              PCMSGHDR ControlInfo,
                              PULONG ControlFlags,
                              PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    DatagramSocket& socket = datagram_socket_of(Socket);
    const ReceiveTargets targets = {RemoteAddress, ControlLength, ControlInfo, ControlFlags};
    require_usable(Buffer, "WskReceiveFrom");
    require_targets(targets);
    return socket.receiver().receive(Buffer, Flags, targets, Irp);
}

// WskRelease: give back datagrams that WskReceiveFromEvent has retained with STATUS_PENDING: the
// list from there on, as it is linked now.
//
// IRQL       <= DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_INVALID_PARAMETER for what this socket has not indicated
// Docs       nc-wsk-pfn_wsk_release_datagram_indication_list
NTSTATUS NTAPI WskRelease(PWSK_SOCKET Socket, PWSK_DATAGRAM_INDICATION DatagramIndication) {
    return datagram_socket_of(Socket).indicator().release(DatagramIndication);
}

}  // namespace

const WSK_PROVIDER_DATAGRAM_DISPATCH datagram_dispatch = {
    .Basic = basic_functions,
    .WskBind = WskBind,
    .WskSendTo = WskSendTo,
    .WskReceiveFrom = WskReceiveFrom,
    .WskRelease = WskRelease,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskSendMessages = WskSendMessages,
};

}  // namespace owsk::wsk
