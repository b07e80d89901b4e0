// SPDX-License-Identifier: MIT
// IoCancelIrp and the system's cancel spin lock, one for each machine.
#include <wdm.h>

#include "base/mutex.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

using namespace owsk;
using namespace owsk::nt;

// IoAcquireCancelSpinLock: raises to DISPATCH_LEVEL; the old level is for IoReleaseCancelSpinLock.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql) {
    KeAcquireSpinLock(&System::current().irps.cancel_lock, Irql);
}

// IoReleaseCancelSpinLock: a cancel routine passes Irp->CancelIrql.
extern "C" VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql) {
    KeReleaseSpinLock(&System::current().irps.cancel_lock, Irql);
}

// IoCancelIrp: asks for the end of a request. TRUE if a cancel routine was called for it.
//
// IRQL       <= DISPATCH_LEVEL; the routine is called at DISPATCH_LEVEL with the cancel spin lock
// held,
//            and releases it
// Verifier   cancel-lock-not-released-by-cancel-routine
extern "C" BOOLEAN NTAPI IoCancelIrp(PIRP Irp) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoCancelIrp");
    pass(Point::cancel);
    KIRQL irql;
    IoAcquireCancelSpinLock(&irql);
    // Seen by whoever sets a cancel routine at the same time, or else that routine is seen below.
    __atomic_store_n(&Irp->Cancel, BOOLEAN{TRUE}, __ATOMIC_SEQ_CST);
    pass(Point::cancel);
    const PDRIVER_CANCEL routine = IoSetCancelRoutine(Irp, nullptr);
    if (routine == nullptr) {
        IoReleaseCancelSpinLock(irql);
        return FALSE;
    }
    if (Irp->CurrentLocation > Irp->StackCount + 1) {
        ke::broken_rule(
            owsk::Rule::irp_completed_with_cancel_routine,
            {.parameters =
                 {reinterpret_cast<ULONG_PTR>(Irp), reinterpret_cast<ULONG_PTR>(routine), 0, 0},
             .sentence = "An IRP was cancelled that has been completed, and whose cancel "
                         "routine " +
                         ke::symbol_of(reinterpret_cast<const void*>(routine)) + " is still set."});
    }
    Irp->CancelIrql = irql;
    const PDEVICE_OBJECT device = Irp->CurrentLocation > Irp->StackCount
                                      ? nullptr
                                      : IoGetCurrentIrpStackLocation(Irp)->DeviceObject;
    OWSK_ASSERT(holds_no_lock());
    pass(Point::cancel);
    routine(device, Irp);
    if (ke::current_irql() != irql) {
        ke::broken_rule(
            owsk::Rule::cancel_lock_not_released_by_cancel_routine,
            "The cancel routine " + ke::symbol_of(reinterpret_cast<const void*>(routine)) +
                " returned at IRQL " + std::to_string(ke::current_irql()) +
                ": it must call IoReleaseCancelSpinLock(Irp->CancelIrql), and that was " +
                std::to_string(irql) + ".",
            reinterpret_cast<ULONG_PTR>(Irp));
    }
    return TRUE;
}
