// SPDX-License-Identifier: MIT
// Who calls, if it is anybody.
#include "wsk/provider/client_call.h"

#include <string>

#include "nt/ke/bug_check.h"
#include "nt/ob/object.h"
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

void require_owner(PEPROCESS process, PETHREAD thread, const char* function) noexcept {
    const auto require = [&](void* body, const nt::ob::ObjectType& type, const char* what) {
        if (body != nullptr && &nt::ob::Object::from_body(body, function).type() != &type) {
            nt::ke::broken_rule(
                Rule::object_of_wrong_type_passed,
                std::string(function) + " was given an object that is no " + what + '.',
                reinterpret_cast<ULONG_PTR>(body));
        }
    };
    require(process, nt::ob::process_type, "process");
    require(thread, nt::ob::thread_type, "thread");
}

ClientCall::ClientCall(PWSK_CLIENT client, const char* function, const void* place) noexcept
    : client_(Provider::current().attachments().begin_call(client, function)) {
    note_caller(place);
}

}  // namespace owsk::wsk
