// SPDX-License-Identifier: MIT
// RequestQueue: requests in order. The link is in the overlay of the IRP, which is the provider's
// while it holds it. The owner's lock guards the queue.
#pragma once

#include <wdm.h>

#include "base/assert.h"
#include "wsk/request/request.h"

namespace owsk::wsk {

class RequestQueue {
  public:
    RequestQueue() noexcept { InitializeListHead(&head_); }
    RequestQueue(const RequestQueue&) = delete;
    RequestQueue& operator=(const RequestQueue&) = delete;

    bool empty() const noexcept { return head_.Flink == &head_; }
    Request front() const noexcept {
        OWSK_ASSERT(!empty());
        return Request(CONTAINING_RECORD(head_.Flink, IRP, Tail.Overlay.ListEntry));
    }
    void push(Request request) noexcept {
        InsertTailList(&head_, &request.irp_->Tail.Overlay.ListEntry);
    }
    Request pop() noexcept {
        const Request request = front();
        remove(request);
        return request;
    }
    // Calls `visit` with each, the oldest first.
    template <typename Visit>
    void visit_all(Visit visit) const noexcept {
        for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
            visit(Request(CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry)));
        }
    }
    // Takes `request` out of whatever queue it is in. Harmless if it is in none.
    static void remove(Request request) noexcept {
        RemoveEntryList(&request.irp_->Tail.Overlay.ListEntry);
        InitializeListHead(&request.irp_->Tail.Overlay.ListEntry);
    }

  private:
    LIST_ENTRY head_;
};

}  // namespace owsk::wsk
