// SPDX-License-Identifier: MIT
// Request: an IRP from the moment the provider takes it to its one completion. Everything that the
// provider notes about a request lives in the IRP itself, as in a Windows driver: parameters in the
// stack location, the owner and the queue link in the overlay. Nothing is allocated.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <cstdint>

namespace owsk::wsk {

class Socket;

enum class Operation : UCHAR {
    control = 1,
    query_address,
    inspect,
    create,
    bind,
    accept,
    send,
    receive,
    disconnect,
    close,
};

// What WskSend, WskReceive and WskDisconnect were called with: the WSK_BUF itself may be gone.
struct TransferParameters {
    // Beside the driver's flags: all of a send is on its way, and `end` counts instead of `done`.
    static constexpr ULONG on_its_way = 0x8000'0000;

    bool is_on_its_way() const noexcept { return (flags & on_its_way) != 0; }
    SIZE_T progress() const noexcept { return is_on_its_way() ? length : done; }

    PMDL mdl;
    SIZE_T length;
    union {
        SIZE_T done;
        std::uint64_t end;  // where in the stream of the connection its last byte is
    };
    ULONG offset;
    ULONG flags;
};

struct AcceptParameters {
    PSOCKADDR local_address;
    PSOCKADDR remote_address;
    PVOID context;
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch;
};

// Notes where the driver has called the WSK function that runs on this thread, for the requests
// that it takes.
void note_caller(const void* place) noexcept;

// A borrowed view of an IRP. Value type; null when it views nothing.
class Request {
  public:
    Request() noexcept = default;
    // Takes over an IRP that a driver has passed in: moves to the provider's stack location.
    // An IRP without a free location, or one that the provider holds already, is a broken rule.
    static Request take(PIRP irp, Operation operation, Socket* owner) noexcept;
    static Request of(PIRP irp) noexcept { return Request(irp); }

    explicit operator bool() const noexcept { return irp_ != nullptr; }
    PIRP irp() const noexcept { return irp_; }
    Operation operation() const noexcept;
    Socket* owner() const noexcept;
    TransferParameters& transfer() const noexcept;
    AcceptParameters& accept() const noexcept;

    // What the driver has passed in beside the IRP is the provider's until the completion: from now
    // on its memory may not be freed. For requests that do not complete in their call.
    void lend_memory() const noexcept;

    // Whether the driver has called IoCancelIrp already.
    bool is_cancelled() const noexcept;
    // The call returns STATUS_PENDING.
    void mark_pending() const noexcept;
    // The result that complete() will hand out. The first one counts: a cancellation that comes
    // later must not take back bytes that were received.
    void decide(NTSTATUS status, ULONG_PTR information) const noexcept;
    bool is_decided() const noexcept;
    NTSTATUS status() const noexcept { return irp_->IoStatus.Status; }
    ULONG_PTR information() const noexcept { return irp_->IoStatus.Information; }

    // Lets IoCancelIrp withdraw the request from now on. False if that has happened already: then
    // the caller still owns the request, and decides it.
    bool allow_cancel(PDRIVER_CANCEL routine) const noexcept;
    // Ends that. False if the cancel routine is under way: then it owns the request.
    bool forbid_cancel() const noexcept;

    // Hands the IRP back. The only place in the provider that completes one; nothing of the IRP,
    // its buffers or its WSK_BUF may be touched afterwards. No lock may be held.
    void complete() noexcept;

  private:
    friend class RequestQueue;
    explicit Request(PIRP irp) noexcept : irp_(irp) {}

    PIRP irp_ = nullptr;
};

// How many completion routines are running on this thread, one inside the other.
unsigned completion_depth() noexcept;
// More than this and a completion is left to a processor: a chain of calls from completion routines
// must not eat the stack.
inline constexpr unsigned completion_depth_max = 8;

// Requests in order, linked through the IRPs. The owner's lock guards it.
class RequestQueue {
  public:
    RequestQueue() noexcept { InitializeListHead(&head_); }
    RequestQueue(const RequestQueue&) = delete;
    RequestQueue& operator=(const RequestQueue&) = delete;

    bool empty() const noexcept { return head_.Flink == &head_; }
    Request front() const noexcept;
    void push(Request request) noexcept;
    Request pop() noexcept;
    // Calls `visit` with each, the oldest first.
    template <typename Visit>
    void visit_all(Visit visit) const noexcept {
        for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
            visit(Request(CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry)));
        }
    }
    // Takes `request` out of whatever queue it is in. Harmless if it is in none.
    static void remove(Request request) noexcept;

  private:
    LIST_ENTRY head_;
};

}  // namespace owsk::wsk
