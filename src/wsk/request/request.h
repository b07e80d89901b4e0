// SPDX-License-Identifier: MIT
// Request: an IRP from the moment the provider takes it to its one completion. Everything that the
// provider notes about a request lives in the IRP itself, as in a Windows driver: parameters in the
// stack location, the owner and the queue link in the overlay. Nothing is allocated.
#pragma once

#include <wdm.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "wsk/request/operation.h"

namespace owsk::wsk {

class RequestOwner;

namespace detail {
inline constinit thread_local const void* caller = nullptr;
inline constinit thread_local unsigned completion_depth = 0;
}  // namespace detail

// Notes where the driver has called the WSK function that runs on this thread, for the requests
// that it takes.
inline void note_caller(const void* place) noexcept {
    detail::caller = place;
}

// A borrowed view of an IRP. Value type; null when it views nothing.
class Request {
  public:
    Request() noexcept = default;
    // Takes over an IRP that a driver has passed in: moves to the provider's stack location.
    // An IRP without a free location, or one that the provider holds already, is a broken rule.
    // `owner` may be null if the request is never queued.
    static Request take(PIRP irp, Operation operation, RequestOwner* owner) noexcept;
    static Request of(PIRP irp) noexcept { return Request(irp); }

    explicit operator bool() const noexcept { return irp_ != nullptr; }
    PIRP irp() const noexcept { return irp_; }
    Operation operation() const noexcept {
        return static_cast<Operation>(IoGetCurrentIrpStackLocation(irp_)->MinorFunction);
    }
    RequestOwner* owner() const noexcept { return overlay().owner; }
    // Another role goes on with it, which sees the same pieces of memory in the same order.
    void hand_over(RequestOwner& owner) const noexcept { overlay().owner = &owner; }
    // Room for what a call was made with. The device and the file behind the parameters are the
    // provider's as well: nobody has sent the IRP to a device.
    static constexpr SIZE_T parameters_max =
        offsetof(IO_STACK_LOCATION, CompletionRoutine) - offsetof(IO_STACK_LOCATION, Parameters);
    // What the call was made with, as its category keeps it. Zeros until the call fills it in.
    template <typename Parameters>
    Parameters& parameters() const noexcept {
        static_assert(std::is_trivially_copyable_v<Parameters>);
        static_assert(sizeof(Parameters) <= parameters_max);
        return *reinterpret_cast<Parameters*>(parameter_bytes());
    }

    // What the driver has passed in beside the IRP is the provider's until the completion: from now
    // on its memory may not be freed. For requests that do not complete in their call.
    void lend_memory() const noexcept;

    // Whether the driver has called IoCancelIrp already.
    bool is_cancelled() const noexcept;
    // The call returns STATUS_PENDING.
    void mark_pending() const noexcept { IoMarkIrpPending(irp_); }
    // The result that complete() will hand out. The first one counts: a cancellation that comes
    // later must not take back bytes that were received.
    void decide(NTSTATUS status, ULONG_PTR information) const noexcept {
        if (!overlay().decided) {
            overlay().decided = true;
            irp_->IoStatus.Status = status;
            irp_->IoStatus.Information = information;
        }
    }
    bool is_decided() const noexcept { return overlay().decided; }
    NTSTATUS status() const noexcept { return irp_->IoStatus.Status; }
    ULONG_PTR information() const noexcept { return irp_->IoStatus.Information; }

    // Lets IoCancelIrp withdraw the request from now on: `routine`, or its owner's cancel(). False
    // if that has happened already: then the caller still owns the request, and decides it.
    bool allow_cancel(PDRIVER_CANCEL routine) const noexcept;
    bool allow_cancel() const noexcept;
    // Ends that. False if the cancel routine is under way: then it owns the request.
    bool forbid_cancel() const noexcept;

    // Hands the IRP back. The only place in the provider that completes one; nothing of the IRP,
    // its buffers or its WSK_BUF may be touched afterwards. No lock may be held.
    void complete() noexcept;

  private:
    friend class RequestQueue;
    explicit Request(PIRP irp) noexcept : irp_(irp) {}

    // The overlay belongs to the driver that holds the IRP, which is the provider now.
    struct Overlay {
        RequestOwner* owner;
        bool decided;
        // Which pieces of the driver's memory are in blocks, in the order of visit_memory. The last
        // bit stands for all that have none of their own.
        std::uint32_t lent;
    };
    // The last of the four words says who made the request (nt::io::hold_irp), the third is the
    // client's.
    static constexpr SIZE_T overlay_max = 2 * sizeof(PVOID);

    std::byte* parameter_bytes() const noexcept {
        return reinterpret_cast<std::byte*>(IoGetCurrentIrpStackLocation(irp_)) +
               offsetof(IO_STACK_LOCATION, Parameters);
    }
    Overlay& overlay() const noexcept {
        static_assert(sizeof(Overlay) <= overlay_max);
        return *reinterpret_cast<Overlay*>(irp_->Tail.Overlay.DriverContext);
    }

    PIRP irp_ = nullptr;
};

// How many completion routines are running on this thread, one inside the other.
inline unsigned completion_depth() noexcept {
    return detail::completion_depth;
}
// More than this and a completion is left to a processor: a chain of calls from completion routines
// must not eat the stack.
inline constexpr unsigned completion_depth_max = 8;

}  // namespace owsk::wsk
