// SPDX-License-Identifier: MIT
// Calls of the client-level functions, those of WSK_PROVIDER_DISPATCH.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include "wsk/registration/client.h"
#include "wsk/request/operation.h"

namespace owsk::wsk {

// What a client-level function answers that was given no client: STATUS_INVALID_HANDLE, as Windows
// does. `irp` may be null where the function needs none.
NTSTATUS refuse_without_client(PIRP irp, Operation operation, ULONG_PTR information = 0) noexcept;

// What says in whose security context a socket is made leads to a process and a thread, if it is
// not NULL. There is one process, System, so that it says nothing else.
void require_owner(PEPROCESS process, PETHREAD thread, const char* function) noexcept;

// A call of a WSK_PROVIDER_DISPATCH function, counted while it runs.
class ClientCall {
  public:
    // A pointer that is not a client is a broken rule. Precondition: not null.
    ClientCall(PWSK_CLIENT client,
               const char* function,
               const void* place = __builtin_return_address(0)) noexcept;
    ~ClientCall() { client_.call_ended(); }
    ClientCall(const ClientCall&) = delete;
    ClientCall& operator=(const ClientCall&) = delete;

    Client& client() const noexcept { return client_; }

  private:
    Client& client_;
};

}  // namespace owsk::wsk
