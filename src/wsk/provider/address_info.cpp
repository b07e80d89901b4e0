// SPDX-License-Identifier: MIT
// WskGetAddressInfo and WskFreeAddressInfo: from names to addresses. How is in src/wsk/resolve.
#include <memory>

#include "nt/ke/irql.h"
#include "nt/mm/foreign.h"
#include "wsk/provider/client_call.h"
#include "wsk/provider/provider_npi.h"
#include "wsk/resolve/address_request.h"
#include "wsk/resolve/text.h"

namespace owsk::wsk {

namespace {

constexpr const char* get_address_info = "WskGetAddressInfo";

void require_arguments(const AddressArguments& arguments, PADDRINFOEXW* result) noexcept {
    require_string(arguments.node, get_address_info);
    require_string(arguments.service, get_address_info);
    if (arguments.hints != nullptr) {
        nt::mm::require_memory(
            arguments.hints, sizeof *arguments.hints, "an ADDRINFOEXW", get_address_info);
    }
    if (result != nullptr) {
        nt::mm::require_memory(result, sizeof *result, "a Result", get_address_info);
    }
}

// The IRP is the provider's by now.
NTSTATUS look_up(Client& client,
                 Request request,
                 const AddressQuery& query,
                 const nt::ke::CallPlace& place,
                 PADDRINFOEXW* result) noexcept {
    Services& services = client.services();
    if (!query.must_ask()) {
        return finish_lookup(client, request, hand_out_list(services, query, {}, place, result));
    }
    if (services.faults().strikes(Fault::lookup_memory)) {
        return finish_lookup(client, request, STATUS_INSUFFICIENT_RESOURCES);
    }
    const auto lookup = std::make_shared<AddressRequest>(client, query, place, result);
    return lookup->begin(request);
}

}  // namespace

// WskGetAddressInfo: the addresses of a computer, with the port of a service.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the IRP and Result until the completion; the rest may be gone after the call
// Completes  STATUS_SUCCESS (*Result = a list for WskFreeAddressInfo), STATUS_NO_MATCH for what
//            nobody knows, STATUS_IO_TIMEOUT if those who would know do not answer,
//            STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED for families, transports and name
//            spaces that are not here, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE without
//            a client
// Docs       nc-wsk-pfn_wsk_get_address_info
NTSTATUS NTAPI WskGetAddressInfo(PWSK_CLIENT Client,
                                 PUNICODE_STRING NodeName,
                                 PUNICODE_STRING ServiceName,
                                 ULONG NameSpace,
                                 GUID* Provider,
                                 PADDRINFOEXW Hints,
                                 PADDRINFOEXW* Result,
                                 PEPROCESS OwningProcess,
                                 PETHREAD OwningThread,
                                 PIRP Irp) {
    if (Irp == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    nt::ke::require_irql_at_most(PASSIVE_LEVEL, get_address_info);
    if (Client == nullptr) {
        return refuse_without_client(
            Irp, Operation::get_address_info, lookup_information(STATUS_INVALID_HANDLE));
    }
    const ClientCall call(Client, get_address_info);
    const AddressArguments arguments = {NodeName, ServiceName, NameSpace, Provider, Hints};
    require_arguments(arguments, Result);
    wsk::Client& client = call.client();
    const Request request = Request::take(Irp, Operation::get_address_info, nullptr);
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    if (Result != nullptr) {
        // For drivers that free what they find there, whatever the status was.
        *Result = nullptr;
    }
    if (Result != nullptr && (OwningThread == nullptr || OwningProcess != nullptr)) {
        const owsk::Result<AddressQuery> query = AddressQuery::read(arguments);
        if (query) {
            return look_up(client, request, *query, nt::ke::CallPlace::here(), Result);
        }
        status = query.status();
    }
    return finish_lookup(client, request, status);
}

// WskFreeAddressInfo: free the whole list of a WskGetAddressInfo. NULL is no list.
//
// IRQL       PASSIVE_LEVEL
// Docs       nc-wsk-pfn_wsk_free_address_info
VOID NTAPI WskFreeAddressInfo(PWSK_CLIENT Client, PADDRINFOEXW AddrInfo) {
    nt::ke::require_irql_at_most(PASSIVE_LEVEL, "WskFreeAddressInfo");
    if (Client == nullptr || AddrInfo == nullptr) {
        return;
    }
    const ClientCall call(Client, "WskFreeAddressInfo");
    call.client().services().address_lists().free(AddrInfo, nt::ke::CallPlace::here());
}

}  // namespace owsk::wsk
