// SPDX-License-Identifier: MIT
// The life of an IRP inside the provider, and its one completion.
#include "wsk/request/request.h"

#include <cstdint>
#include <cstring>

#include "base/mutex.h"
#include "base/planted.h"
#include "nt/ex/lent_memory.h"
#include "nt/io/irp.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/no_wait.h"
#include "nt/system.h"
#include "wsk/request/request_owner.h"

namespace owsk::wsk {

namespace {

// The bits of the pieces, one after the other.
class PieceBits {
  public:
    std::uint32_t next() noexcept {
        const std::uint32_t bit = next_;
        next_ = bit << 1 | (bit & last);
        return bit;
    }

  private:
    static constexpr std::uint32_t last = std::uint32_t{1} << 31;
    std::uint32_t next_ = 1;
};

// The pieces are counted in the order in which they are seen, which is always the same.
void visit_memory(Request request, MemoryVisitor& visitor) noexcept {
    if (!nt::io::irp_is_allocated(request.irp())) {
        visitor.visit(request.irp());
    }
    if (request.owner() != nullptr) {
        request.owner()->visit_memory(request, visitor);
    }
}

class Lender final : public MemoryVisitor {
  public:
    explicit Lender(const void* place) noexcept : place_(place) {}
    void visit(const void* bytes) noexcept override {
        const std::uint32_t bit = pieces_.next();
        lent_ |= nt::ex::lend(bytes, place_) ? bit : 0;
    }
    std::uint32_t lent() const noexcept { return lent_; }

  private:
    const void* const place_;
    PieceBits pieces_;
    std::uint32_t lent_ = 0;
};

class GiverBack final : public MemoryVisitor {
  public:
    explicit GiverBack(std::uint32_t lent) noexcept : lent_(lent) {}
    void visit(const void* bytes) noexcept override {
        if ((lent_ & pieces_.next()) != 0) {
            nt::ex::give_back(bytes);
        }
    }

  private:
    const std::uint32_t lent_;
    PieceBits pieces_;
};

void tell_failure(Operation operation, RequestOwner* owner, NTSTATUS status) noexcept {
    const RequestOwner::Ends ends = owner != nullptr ? owner->ends() : RequestOwner::Ends{};
    nt::System::current().probes().request_failed(
        {function_of(operation), status, ends.local, ends.remote});
}

NTAPI void cancel_request(PDEVICE_OBJECT, PIRP irp) noexcept {
    const Request request = Request::of(irp);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    // The owner cannot be gone: its end waits for this very request.
    request.owner()->cancel(request);
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_pending(PIRP irp) noexcept {
    nt::ke::broken_rule(
        Rule::irp_used_while_pending,
        "The IRP was passed to a WSK function while an earlier WSK request, made at " +
            nt::ke::symbol_of(nt::io::held_since(irp)) +
            ", still uses it. Wait for its completion, then call IoReuseIrp.",
        reinterpret_cast<ULONG_PTR>(irp));
}

}  // namespace

Request Request::take(PIRP irp, Operation operation, RequestOwner* owner) noexcept {
    nt::io::require_irp(irp, "A WSK function");
    if (nt::io::irp_is_held(irp)) {
        refuse_pending(irp);
    }
    if (irp->CurrentLocation <= 1) {
        KeBugCheckEx(NO_MORE_IRP_STACK_LOCATIONS, reinterpret_cast<ULONG_PTR>(irp), 0, 0, 0);
    }
    nt::io::hold_irp(irp, detail::caller);
    IoSetNextIrpStackLocation(irp);
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    location->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    location->MinorFunction = static_cast<UCHAR>(operation);
    InitializeListHead(&irp->Tail.Overlay.ListEntry);
    const Request request(irp);
    // Until the call fills in its own: nothing of the driver's memory.
    std::memset(request.parameter_bytes(), 0, parameters_max);
    request.overlay() = {owner, false, 0};
    return request;
}

void Request::lend_memory() const noexcept {
    Lender lender(nt::io::held_since(irp_));
    visit_memory(*this, lender);
    overlay().lent = lender.lent();
}

bool Request::is_cancelled() const noexcept {
    return nt::io::irp_is_cancelled(irp_) && !OWSK_PLANTED(cancel_overlooked);
}

bool Request::allow_cancel(PDRIVER_CANCEL routine) const noexcept {
    IoSetCancelRoutine(irp_, routine);
    return !is_cancelled() || IoSetCancelRoutine(irp_, nullptr) == nullptr;
}

bool Request::allow_cancel() const noexcept {
    return allow_cancel(cancel_request);
}

bool Request::forbid_cancel() const noexcept {
    return IoSetCancelRoutine(irp_, nullptr) != nullptr;
}

void Request::complete() noexcept {
    OWSK_ASSERT(holds_no_lock());
    OWSK_ASSERT(overlay().decided);
    if (overlay().lent != 0) {
        GiverBack giver_back(overlay().lent);
        visit_memory(*this, giver_back);
    }
    PIRP irp = irp_;
    if (!NT_SUCCESS(irp->IoStatus.Status)) {
        tell_failure(operation(), owner(), irp->IoStatus.Status);
    }
    irp_ = nullptr;
    nt::io::release_irp(irp);
    ++detail::completion_depth;
    const nt::ke::NoWaitScope no_wait("the completion routine of a WSK request");
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    --detail::completion_depth;
}

}  // namespace owsk::wsk
