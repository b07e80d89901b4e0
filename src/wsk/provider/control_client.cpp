// SPDX-License-Identifier: MIT
// WskControlClient: operations on a client as a whole.
#include <array>
#include <cstring>

#include "nt/ke/call_place.h"
#include "nt/mm/foreign.h"
#include "wsk/provider/client_call.h"
#include "wsk/provider/provider_npi.h"
#include "wsk/request/ownerless_requests.h"
#include "wsk/socket/events.h"
#include "wsk/socket/security_descriptors.h"

namespace owsk::wsk {

namespace {

struct ClientControlCall {
    SIZE_T input_size;
    PVOID input;
    SIZE_T output_size;
    PVOID output;
    SIZE_T* output_size_returned;
};

// Names the TCP/IP provider in WSK_TRANSPORT entries. Our own number: it means nothing elsewhere.
constexpr GUID tcpip_provider_id = {
    0x6F57534B, 0x0001, 0x4C4E, {0x81, 0x54, 0x43, 0x50, 0x2F, 0x49, 0x50, 0x00}};

constexpr std::array<WSK_TRANSPORT, 4> transports = {{
    {1, SOCK_STREAM, IPPROTO_TCP, AF_INET, tcpip_provider_id},
    {1, SOCK_STREAM, IPPROTO_TCP, AF_INET6, tcpip_provider_id},
    {1, SOCK_DGRAM, IPPROTO_UDP, AF_INET, tcpip_provider_id},
    {1, SOCK_DGRAM, IPPROTO_UDP, AF_INET6, tcpip_provider_id},
}};

// The input parameters are ignored, as wsk.h says of this operation.
NTSTATUS query_transports(const ClientControlCall& call) noexcept {
    if (call.output_size_returned == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    *call.output_size_returned = sizeof transports;
    if (call.output == nullptr || call.output_size < sizeof transports) {
        return STATUS_BUFFER_OVERFLOW;
    }
    std::memcpy(call.output, transports.data(), sizeof transports);
    return STATUS_SUCCESS;
}

NTSTATUS set_static_event_callbacks(Client& client, const ClientControlCall& call) noexcept {
    if (call.input == nullptr || call.input_size < sizeof(WSK_EVENT_CALLBACK_CONTROL)) {
        return STATUS_INVALID_PARAMETER;
    }
    const auto& control = *static_cast<const WSK_EVENT_CALLBACK_CONTROL*>(call.input);
    constexpr ULONG known = connection_events | WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM;
    if (control.NpiId == nullptr ||
        std::memcmp(control.NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)) != 0 ||
        (control.EventMask & ~known) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    return client.set_static_events(control.EventMask);
}

// The descriptor that is the input. STATUS_INVALID_PARAMETER if there is none.
Result<PSECURITY_DESCRIPTOR> descriptor_in(const ClientControlCall& call) noexcept {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (call.input != nullptr && call.input_size >= sizeof descriptor) {
        std::memcpy(&descriptor, call.input, sizeof descriptor);
    }
    if (descriptor == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return descriptor;
}

NTSTATUS cache_descriptor(Client& client,
                          const ClientControlCall& call,
                          const nt::ke::CallPlace& place) noexcept {
    const Result<PSECURITY_DESCRIPTOR> uncached = descriptor_in(call);
    if (!uncached || call.output == nullptr || call.output_size < sizeof(PSECURITY_DESCRIPTOR)) {
        return STATUS_INVALID_PARAMETER;
    }
    nt::mm::require_memory(*uncached,
                           sizeof(SECURITY_DESCRIPTOR_RELATIVE),
                           "a security descriptor",
                           "WskControlClient");
    if (!RtlValidSecurityDescriptor(*uncached)) {
        return STATUS_INVALID_SECURITY_DESCR;
    }
    Services& services = client.services();
    const PSECURITY_DESCRIPTOR cached = services.faults().strikes(Fault::descriptor_memory)
                                            ? nullptr
                                            : services.descriptors().cache(*uncached, place);
    if (cached == nullptr) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    std::memcpy(call.output, &cached, sizeof cached);
    return STATUS_SUCCESS;
}

NTSTATUS release_descriptor(Client& client,
                            const ClientControlCall& call,
                            const nt::ke::CallPlace& place) noexcept {
    const Result<PSECURITY_DESCRIPTOR> cached = descriptor_in(call);
    if (!cached || call.output != nullptr || call.output_size != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    client.services().descriptors().release(*cached, place);
    return STATUS_SUCCESS;
}

// TDI is gone: there are only native transports, so that both operations have nothing to do.
NTSTATUS accept_tdi_setting(Client& client, const ClientControlCall& call, SIZE_T size) noexcept {
    if (call.input == nullptr || call.input_size < size) {
        return STATUS_INVALID_PARAMETER;
    }
    return client.may_configure() ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE;
}

NTSTATUS control_without_irp(Client& client,
                             ULONG code,
                             const ClientControlCall& call,
                             const nt::ke::CallPlace& place) noexcept {
    switch (code) {
        case WSK_TRANSPORT_LIST_QUERY:
            return query_transports(call);
        case WSK_SET_STATIC_EVENT_CALLBACKS:
            return set_static_event_callbacks(client, call);
        case WSK_TDI_DEVICENAME_MAPPING:
            return accept_tdi_setting(client, call, sizeof(WSK_TDI_MAP_INFO));
        case WSK_TDI_BEHAVIOR:
            return accept_tdi_setting(client, call, sizeof(ULONG));
        case WSK_CACHE_SD:
            return cache_descriptor(client, call, place);
        case WSK_RELEASE_SD:
            return release_descriptor(client, call, place);
        case WSK_TRANSPORT_LIST_CHANGE:
            return STATUS_INVALID_PARAMETER;
        default:
            return STATUS_INVALID_DEVICE_REQUEST;
    }
}

}  // namespace

// WskControlClient: query or set something for all sockets of a client.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP of WSK_TRANSPORT_LIST_CHANGE until WskDeregister or IoCancelIrp
// Returns    STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW, STATUS_PENDING, STATUS_INVALID_PARAMETER for
//            an IRP where none may be, STATUS_INVALID_DEVICE_REQUEST for an unknown code,
//            STATUS_INVALID_HANDLE without a client, STATUS_INVALID_SECURITY_DESCR and
//            STATUS_INSUFFICIENT_RESOURCES for WSK_CACHE_SD
// Docs       nc-wsk-pfn_wsk_control_client
NTSTATUS NTAPI WskControlClient(PWSK_CLIENT Client,
                                ULONG ControlCode,
                                SIZE_T InputSize,
                                PVOID InputBuffer,
                                SIZE_T OutputSize,
                                PVOID OutputBuffer,
                                SIZE_T* OutputSizeReturned,
                                PIRP Irp) {
    if (Client == nullptr) {
        return refuse_without_client(Irp, Operation::control);
    }
    const ClientCall call(Client, "WskControlClient");
    if (InputBuffer != nullptr && InputSize != 0 && ControlCode != WSK_TRANSPORT_LIST_QUERY) {
        nt::mm::require_memory(InputBuffer, InputSize, "an InputBuffer", "WskControlClient");
    }
    if (OutputBuffer != nullptr && OutputSize != 0) {
        nt::mm::require_memory(OutputBuffer, OutputSize, "an OutputBuffer", "WskControlClient");
    }
    wsk::Client& client = call.client();
    if (Irp == nullptr) {
        return control_without_irp(
            client,
            ControlCode,
            {InputSize, InputBuffer, OutputSize, OutputBuffer, OutputSizeReturned},
            nt::ke::CallPlace::here());
    }
    if (ControlCode == WSK_TRANSPORT_LIST_CHANGE) {
        return client.wait_for_transport_change(Irp);
    }
    return client.services().ownerless().finish(
        &client, Request::take(Irp, Operation::control, nullptr), STATUS_INVALID_PARAMETER);
}

}  // namespace owsk::wsk
