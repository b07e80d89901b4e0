// SPDX-License-Identifier: MIT
// RequestOwner: who keeps a request until it completes, and knows what its parameters mean.
#pragma once

#include <openwsk/address.h>

#include <optional>
#include <string>

#include "wsk/request/request.h"

namespace owsk::wsk {

// Sees the pieces of the driver's memory that a request holds.
class MemoryVisitor {
  public:
    // `bytes` lies somewhere in the piece; NULL means none.
    virtual void visit(const void* bytes) noexcept = 0;

  protected:
    ~MemoryVisitor() = default;
};

class RequestOwner {
  public:
    struct Ends {
        std::optional<Address> local;
        std::optional<Address> remote;
    };

    // IoCancelIrp has withdrawn a request that waits in a queue of the owner, which completes it.
    // From any thread, without a lock.
    virtual void cancel(Request request) noexcept = 0;
    // The same with the owner's lock held, for a request that was withdrawn while it was queued.
    virtual void withdraw_locked(Request request) noexcept = 0;
    // What the request has achieved if it ends now, for IoStatus.Information.
    virtual ULONG_PTR progress_of(Request) const noexcept { return 0; }
    // Shows each piece of the driver's memory that belongs to the request, beside its IRP.
    virtual void visit_memory(Request, MemoryVisitor&) const noexcept {}
    // Whose request it is, for the report of a failure. Without a lock.
    virtual Ends ends() noexcept = 0;
    // "connection of ... to ...".
    virtual std::string description() const = 0;

  protected:
    ~RequestOwner() = default;
};

}  // namespace owsk::wsk
