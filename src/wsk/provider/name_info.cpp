// SPDX-License-Identifier: MIT
// WskGetNameInfo: from addresses to names. How is in src/wsk/resolve.
#include "wsk/resolve/name_info.h"

#include <memory>

#include "nt/ke/irql.h"
#include "nt/mm/foreign.h"
#include "wsk/provider/client_call.h"
#include "wsk/provider/provider_npi.h"
#include "wsk/resolve/text.h"

namespace owsk::wsk {

namespace {

constexpr const char* get_name_info = "WskGetNameInfo";

// The IRP is the provider's by now.
NTSTATUS look_up(Client& client, Request request, const NameInfo& info) noexcept {
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (!info.must_ask()) {
        status = info.hand_out({});
    } else if (!client.services().faults().strikes(Fault::lookup_memory)) {
        const auto lookup = std::make_shared<NameInfoRequest>(client, info);
        return lookup->begin(request);
    }
    return finish_lookup(client, request, status);
}

}  // namespace

// WskGetNameInfo: the names of a computer and a service, by their address and port.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the IRP and both strings until the completion; the address may be gone after the call
// Completes  STATUS_SUCCESS, STATUS_NO_MATCH with NI_NAMEREQD for an address without a name, and
//            STATUS_IO_TIMEOUT if those who would know do not answer, STATUS_BUFFER_TOO_SMALL,
//            STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED for other families,
//            STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE without a client
// Docs       nc-wsk-pfn_wsk_get_name_info
NTSTATUS NTAPI WskGetNameInfo(PWSK_CLIENT Client,
                              PSOCKADDR SockAddr,
                              ULONG SockAddrLength,
                              PUNICODE_STRING NodeName,
                              PUNICODE_STRING ServiceName,
                              ULONG Flags,
                              PEPROCESS OwningProcess,
                              PETHREAD OwningThread,
                              PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    nt::ke::require_irql_at_most(PASSIVE_LEVEL, get_name_info);
    if (Client == nullptr) {
        return refuse_without_client(
            Irp, Operation::get_name_info, lookup_information(STATUS_INVALID_HANDLE));
    }
    const ClientCall call(Client, get_name_info);
    if (SockAddr != nullptr && SockAddrLength != 0) {
        nt::mm::require_memory(SockAddr, SockAddrLength, "a SOCKADDR", get_name_info);
    }
    require_room(NodeName, get_name_info);
    require_room(ServiceName, get_name_info);
    wsk::Client& client = call.client();
    const Request request = Request::take(Irp, Operation::get_name_info, nullptr);
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    if (OwningThread == nullptr || OwningProcess != nullptr) {
        const Result<NameInfo> info =
            NameInfo::read(SockAddr, SockAddrLength, NodeName, ServiceName, Flags);
        if (info) {
            return look_up(client, request, *info);
        }
        status = info.status();
    }
    return finish_lookup(client, request, status);
}

}  // namespace owsk::wsk
