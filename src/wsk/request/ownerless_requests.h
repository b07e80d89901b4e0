// SPDX-License-Identifier: MIT
// OwnerlessRequests: completes requests that belong to no socket, such as that of WskSocket.
#pragma once

#include "base/mutex.h"
#include "host/host.h"
#include "wsk/request/completion_policy.h"
#include "wsk/request/request_keeper.h"
#include "wsk/request/request_queue.h"

namespace owsk::wsk {

class OwnerlessRequests final : private host::Task {
  public:
    OwnerlessRequests(host::Host& host, CompletionPolicy& policy) noexcept
        : host_(host), policy_(policy) {}

    // Now or later, as the policy says; `keeper`, if there is one, stays until then. The return
    // value is the call's. Precondition: the request has no owner.
    NTSTATUS finish(RequestKeeper* keeper,
                    Request request,
                    NTSTATUS status,
                    ULONG_PTR information = 0) noexcept OWSK_EXCLUDES(mu_);

  private:
    void run() noexcept override OWSK_EXCLUDES(mu_);

    host::Host& host_;
    CompletionPolicy& policy_;
    Mutex mu_{Rank::socket};
    RequestQueue later_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
