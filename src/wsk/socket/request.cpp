// SPDX-License-Identifier: MIT
// The life of an IRP inside the provider, and its one completion.
#include "wsk/socket/request.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/mutex.h"
#include "base/planted.h"
#include "nt/ex/lent_memory.h"
#include "nt/io/irp.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/no_wait.h"
#include "nt/mm/mdl_bytes.h"
#include "nt/system.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

thread_local unsigned depth = 0;
constinit thread_local const void* caller = nullptr;

// The overlay belongs to the driver that holds the IRP, which is the provider now.
struct Overlay {
    Socket* owner;
    bool decided;
    // Which pieces of the driver's memory are in blocks, in the order of visit_memory. The last bit
    // stands for all that have none of their own.
    std::uint32_t lent;
};
// The last of the four words says who made the request (nt::io::hold_irp), the third is the
// client's.
constexpr SIZE_T overlay_max = 2 * sizeof(PVOID);

Overlay& overlay(PIRP irp) noexcept {
    static_assert(sizeof(Overlay) <= overlay_max);
    return *reinterpret_cast<Overlay*>(irp->Tail.Overlay.DriverContext);
}

template <typename Parameters>
Parameters& parameters(PIRP irp) noexcept {
    auto& location = IoGetCurrentIrpStackLocation(irp)->Parameters;
    static_assert(sizeof(Parameters) <= sizeof location);
    return *reinterpret_cast<Parameters*>(&location);
}

std::uint32_t bit_of_piece(unsigned piece) noexcept {
    return std::uint32_t{1} << std::min(piece, 31U);
}

// Calls `visit` with an address in each piece of the driver's memory that a request holds.
template <typename Visit>
void visit_memory(Request request, Visit visit) noexcept {
    if (!nt::io::irp_is_allocated(request.irp())) {
        visit(request.irp());
    }
    if (request.operation() == Operation::accept) {
        visit(request.accept().local_address);
        visit(request.accept().remote_address);
    }
    if (request.operation() != Operation::send && request.operation() != Operation::receive &&
        request.operation() != Operation::disconnect) {
        return;
    }
    SIZE_T left = request.transfer().offset + request.transfer().length;
    for (const MDL* mdl = request.transfer().mdl; mdl != nullptr && left != 0; mdl = mdl->Next) {
        visit(mdl);
        visit(nt::mm::mdl_data(mdl));
        left -= std::min<SIZE_T>(left, mdl->ByteCount);
    }
}

const char* function_of(Operation operation) noexcept {
    switch (operation) {
        case Operation::control:
            return "WskControlSocket";
        case Operation::query_address:
            return "WskGetLocalAddress or WskGetRemoteAddress";
        case Operation::inspect:
            return "WskInspectComplete";
        case Operation::create:
            return "WskSocket";
        case Operation::bind:
            return "WskBind";
        case Operation::accept:
            return "WskAccept";
        case Operation::send:
            return "WskSend";
        case Operation::receive:
            return "WskReceive";
        case Operation::disconnect:
            return "WskDisconnect";
        case Operation::close:
            return "WskCloseSocket";
    }
    return "a WSK function";
}

std::optional<Address> found(Result<Address> address) noexcept {
    return address ? std::optional(*address) : std::nullopt;
}

void tell_failure(Operation operation, Socket* owner, NTSTATUS status) noexcept {
    probe::RequestFailed record{function_of(operation), status, std::nullopt, std::nullopt};
    if (owner != nullptr) {
        record.local = found(owner->local_address());
        record.remote = found(owner->remote_address());
    }
    nt::System::current().probes().request_failed(record);
}

}  // namespace

void note_caller(const void* place) noexcept {
    caller = place;
}

unsigned completion_depth() noexcept {
    return depth;
}

Request Request::take(PIRP irp, Operation operation, Socket* owner) noexcept {
    nt::io::require_irp(irp, "A WSK function");
    if (nt::io::irp_is_held(irp)) {
        nt::ke::broken_rule(
            "irp-already-in-use",
            "The IRP was passed to a WSK function while an earlier WSK request, made at " +
                nt::ke::symbol_of(nt::io::held_since(irp)) +
                ", still uses it. Wait for its completion, then call IoReuseIrp.",
            reinterpret_cast<ULONG_PTR>(irp));
    }
    if (irp->CurrentLocation <= 1) {
        KeBugCheckEx(NO_MORE_IRP_STACK_LOCATIONS, reinterpret_cast<ULONG_PTR>(irp), 0, 0, 0);
    }
    nt::io::hold_irp(irp, caller);
    IoSetNextIrpStackLocation(irp);
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    location->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    location->MinorFunction = static_cast<UCHAR>(operation);
    // Until the call fills in its own: nothing of the driver's memory.
    std::memset(&location->Parameters, 0, sizeof location->Parameters);
    overlay(irp) = {owner, false, 0};
    InitializeListHead(&irp->Tail.Overlay.ListEntry);
    return Request(irp);
}

Operation Request::operation() const noexcept {
    return static_cast<Operation>(IoGetCurrentIrpStackLocation(irp_)->MinorFunction);
}

Socket* Request::owner() const noexcept {
    return overlay(irp_).owner;
}

TransferParameters& Request::transfer() const noexcept {
    return parameters<TransferParameters>(irp_);
}

AcceptParameters& Request::accept() const noexcept {
    return parameters<AcceptParameters>(irp_);
}

void Request::lend_memory() const noexcept {
    const void* const place = nt::io::held_since(irp_);
    std::uint32_t lent = 0;
    unsigned piece = 0;
    visit_memory(*this, [&](const void* bytes) {
        const std::uint32_t bit = bit_of_piece(piece++);
        lent |= nt::ex::lend(bytes, place) ? bit : 0;
    });
    overlay(irp_).lent = lent;
}

void Request::mark_pending() const noexcept {
    IoMarkIrpPending(irp_);
}

void Request::decide(NTSTATUS status, ULONG_PTR information) const noexcept {
    if (!overlay(irp_).decided) {
        overlay(irp_).decided = true;
        irp_->IoStatus.Status = status;
        irp_->IoStatus.Information = information;
    }
}

bool Request::is_cancelled() const noexcept {
    return nt::io::irp_is_cancelled(irp_) && !OWSK_PLANTED(cancel_overlooked);
}

bool Request::is_decided() const noexcept {
    return overlay(irp_).decided;
}

bool Request::allow_cancel(PDRIVER_CANCEL routine) const noexcept {
    IoSetCancelRoutine(irp_, routine);
    return !is_cancelled() || IoSetCancelRoutine(irp_, nullptr) == nullptr;
}

bool Request::forbid_cancel() const noexcept {
    return IoSetCancelRoutine(irp_, nullptr) != nullptr;
}

void Request::complete() noexcept {
    OWSK_ASSERT(holds_no_lock());
    OWSK_ASSERT(overlay(irp_).decided);
    if (const std::uint32_t lent = overlay(irp_).lent; lent != 0) {
        unsigned piece = 0;
        visit_memory(*this, [&](const void* bytes) {
            if ((lent & bit_of_piece(piece++)) != 0) {
                nt::ex::give_back(bytes);
            }
        });
    }
    PIRP irp = irp_;
    if (!NT_SUCCESS(irp->IoStatus.Status)) {
        tell_failure(operation(), owner(), irp->IoStatus.Status);
    }
    irp_ = nullptr;
    nt::io::release_irp(irp);
    ++depth;
    const KIRQL irql = nt::ke::current_irql();
    const nt::ke::NoWaitScope no_wait("the completion routine of a WSK request");
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    if (nt::ke::current_irql() != irql) {
        nt::ke::broken_rule("completion-routine-changed-irql",
                            "A completion routine returned at another IRQL than it was called at. "
                            "Every KeRaiseIrql or KeAcquireSpinLock needs its counterpart.");
    }
    --depth;
}

Request RequestQueue::front() const noexcept {
    OWSK_ASSERT(!empty());
    return Request(CONTAINING_RECORD(head_.Flink, IRP, Tail.Overlay.ListEntry));
}

void RequestQueue::push(Request request) noexcept {
    InsertTailList(&head_, &request.irp_->Tail.Overlay.ListEntry);
}

Request RequestQueue::pop() noexcept {
    const Request request = front();
    remove(request);
    return request;
}

void RequestQueue::remove(Request request) noexcept {
    RemoveEntryList(&request.irp_->Tail.Overlay.ListEntry);
    InitializeListHead(&request.irp_->Tail.Overlay.ListEntry);
}

}  // namespace owsk::wsk
