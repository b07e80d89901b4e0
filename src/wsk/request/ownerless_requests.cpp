// SPDX-License-Identifier: MIT
// In the call, or on a processor after it.
#include "wsk/request/ownerless_requests.h"

namespace owsk::wsk {

NTSTATUS OwnerlessRequests::finish(RequestKeeper* keeper,
                                   Request request,
                                   NTSTATUS status,
                                   ULONG_PTR information) noexcept {
    OWSK_ASSERT(request.owner() == nullptr);
    request.decide(status, information);
    const CompletionMode mode = policy_.choose(request.operation());
    if (mode == CompletionMode::deferred || completion_depth() >= completion_depth_max) {
        request.mark_pending();
        request.parameters<RequestKeeper*>() = keeper;
        if (keeper != nullptr) {
            keeper->request_began();
        }
        Lock lock(mu_);
        later_.push(request);
        host_.processor(0).post(*this);
        return STATUS_PENDING;
    }
    if (mode == CompletionMode::windows && NT_SUCCESS(status)) {
        request.mark_pending();
        status = STATUS_PENDING;
    }
    request.complete();
    return status;
}

void OwnerlessRequests::run() noexcept {
    for (;;) {
        Request request;
        {
            Lock lock(mu_);
            if (later_.empty()) {
                return;
            }
            request = later_.pop();
        }
        RequestKeeper* const keeper = request.parameters<RequestKeeper*>();
        request.complete();
        if (keeper != nullptr) {
            keeper->request_ended();
        }
    }
}

}  // namespace owsk::wsk
