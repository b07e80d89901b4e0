// SPDX-License-Identifier: MIT
// Who calls, if it is anybody.
#include "wsk/provider/client_call.h"

#include "wsk/provider/provider.h"
#include "wsk/request/ownerless_requests.h"

namespace owsk::wsk {

NTSTATUS refuse_without_client(PIRP irp, Operation operation, ULONG_PTR information) noexcept {
    if (irp == nullptr) {
        return STATUS_INVALID_HANDLE;
    }
    return Services::current().ownerless().finish(
        nullptr, Request::take(irp, operation, nullptr), STATUS_INVALID_HANDLE, information);
}

ClientCall::ClientCall(PWSK_CLIENT client, const char* function, const void* place) noexcept
    : client_(Provider::current().attachments().begin_call(client, function)) {
    note_caller(place);
}

}  // namespace owsk::wsk
