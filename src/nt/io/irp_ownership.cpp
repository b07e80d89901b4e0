// SPDX-License-Identifier: MIT
// The marks that say who has an IRP.
#include "nt/io/irp.h"
#include "nt/io/irp_marks.h"
#include "nt/ke/bug_check.h"
#include "nt/mm/foreign.h"

namespace owsk::nt::io {

void require_irp(const IRP* irp, const char* function) noexcept {
    mm::require_memory(irp, sizeof *irp, "an IRP", function);
    if (irp->Type != IO_TYPE_IRP) {
        ke::broken_rule("not-an-irp",
                        std::string(function) +
                            " was given an IRP that is none: it was never initialised, or has been "
                            "freed.",
                        reinterpret_cast<ULONG_PTR>(irp));
    }
}

bool irp_is_allocated(const IRP* irp) noexcept {
    return (irp->AllocationFlags & allocated_mark) != 0;
}

bool irp_is_held(const IRP* irp) noexcept {
    return (irp->AllocationFlags & held_mark) != 0;
}

const void* held_since(const IRP* irp) noexcept {
    return irp->Tail.Overlay.DriverContext[3];
}

void hold_irp(PIRP irp, const void* place) noexcept {
    irp->Tail.Overlay.DriverContext[3] = const_cast<void*>(place);
    irp->AllocationFlags = static_cast<UCHAR>(irp->AllocationFlags | held_mark);
}

void release_irp(PIRP irp) noexcept {
    irp->AllocationFlags = static_cast<UCHAR>(irp->AllocationFlags & ~held_mark);
}

void require_not_held(const IRP* irp, const char* rule, const char* function) noexcept {
    if (irp_is_held(irp)) {
        ke::broken_rule(rule,
                        std::string(function) +
                            " was given an IRP of a request that is still pending, made at " +
                            ke::symbol_of(held_since(irp)) +
                            ". The IRP is the driver's again when its completion routine is "
                            "called.",
                        reinterpret_cast<ULONG_PTR>(irp));
    }
}

bool irp_is_cancelled(const IRP* irp) noexcept {
    return __atomic_load_n(&irp->Cancel, __ATOMIC_SEQ_CST) != FALSE;
}

PIO_STACK_LOCATION first_stack_location(PIRP irp) noexcept {
    return reinterpret_cast<PIO_STACK_LOCATION>(irp + 1);
}

}  // namespace owsk::nt::io
