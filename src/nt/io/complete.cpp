// SPDX-License-Identifier: MIT
// IoCompleteRequest: the one place that completes an IRP.
#include <wdm.h>

#include <string>

#include "base/mutex.h"
#include "nt/io/completion_frame.h"
#include "nt/io/irp.h"
#include "nt/io/irp_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

namespace owsk::nt::io {
namespace {

bool belongs_to_io_manager(const IRP* irp) noexcept {
    return irp->UserIosb != nullptr || irp->UserEvent != nullptr;
}

// An IRP of the driver has a stack location in use as long as somebody works on it. One that the
// I/O manager waits for may be completed before it was sent anywhere.
bool is_in_use(const IRP* irp) noexcept {
    return irp->CurrentLocation <= irp->StackCount ||
           (irp->CurrentLocation == irp->StackCount + 1 &&
            (!irp_is_allocated(irp) || belongs_to_io_manager(irp)));
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_unused(PIRP irp) noexcept {
    std::string sentence = "An IRP was completed that nobody is working on";
    if (const void* first = irp_is_allocated(irp) ? IrpTracker::completed_at(irp) : nullptr) {
        sentence += ": it had been completed at " + ke::symbol_of(first) + ".";
    } else if (irp->CurrentLocation > irp->StackCount + 1) {
        sentence += ": it has been completed already.";
    } else {
        sentence += ": it has been completed already, or was never sent.";
    }
    ke::broken_rule(Rule::irp_completed_twice, sentence, reinterpret_cast<ULONG_PTR>(irp));
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_stranger(PIRP irp) noexcept {
    ke::broken_rule(Rule::irp_completed_but_not_recognized,
                    "Something was completed that is not an IRP, or has been freed.",
                    reinterpret_cast<ULONG_PTR>(irp));
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_without_result(PIRP irp) noexcept {
    ke::broken_rule(Rule::irp_completed_with_status_pending,
                    {.parameters = {STATUS_PENDING, reinterpret_cast<ULONG_PTR>(irp)},
                     .sentence = "An IRP was completed with STATUS_PENDING in IoStatus.Status, "
                                 "which is not a result."});
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_cancelable(PIRP irp,
                                                              PDRIVER_CANCEL routine) noexcept {
    ke::broken_rule(
        Rule::irp_completed_with_cancel_routine,
        {.parameters = {reinterpret_cast<ULONG_PTR>(irp), reinterpret_cast<ULONG_PTR>(routine)},
         .sentence = "An IRP was completed whose cancel routine " +
                     ke::symbol_of(reinterpret_cast<const void*>(routine)) + " is still set."});
}

void require_completable(PIRP irp) noexcept {
    if (irp->Type != IO_TYPE_IRP) {
        refuse_stranger(irp);
    }
    require_not_held(irp, Rule::irp_completed_while_pending, "IoCompleteRequest");
    if (!is_in_use(irp)) {
        refuse_unused(irp);
    }
    if (irp->IoStatus.Status == STATUS_PENDING) {
        refuse_without_result(irp);
    }
    // IoCancelIrp may be looking at it too.
    const PDRIVER_CANCEL cancel_routine = __atomic_load_n(&irp->CancelRoutine, __ATOMIC_ACQUIRE);
    if (cancel_routine != nullptr) {
        refuse_cancelable(irp, cancel_routine);
    }
}

bool wants_call(const IRP* irp, UCHAR control) noexcept {
    return (NT_SUCCESS(irp->IoStatus.Status) ? (control & SL_INVOKE_ON_SUCCESS) != 0
                                             : (control & SL_INVOKE_ON_ERROR) != 0) ||
           ((control & SL_INVOKE_ON_CANCEL) != 0 && irp_is_cancelled(irp));
}

// The routine and its context stay, as on Windows.
void clear_used(PIO_STACK_LOCATION location) noexcept {
    location->MinorFunction = 0;
    location->Flags = 0;
    location->Control = 0;
    location->Parameters.Others.Argument1 = nullptr;
    location->Parameters.Others.Argument2 = nullptr;
    location->Parameters.Others.Argument3 = nullptr;
    location->Parameters.Others.Argument4 = nullptr;
    location->FileObject = nullptr;
}

bool is_at_top(const IRP* irp) noexcept {
    return irp->CurrentLocation > irp->StackCount;
}

std::string named(PIO_COMPLETION_ROUTINE routine) {
    return "The completion routine " + ke::symbol_of(reinterpret_cast<const void*>(routine));
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_irql(PIO_COMPLETION_ROUTINE routine,
                                                        KIRQL called_at) noexcept {
    const KIRQL irql = ke::current_irql();
    ke::broken_rule(Rule::irql_changed_by_completion_routine,
                    {.parameters = {reinterpret_cast<ULONG_PTR>(routine), called_at, irql},
                     .sentence = named(routine) + " returned at IRQL " + std::to_string(irql) +
                                 "; it was called at " + std::to_string(called_at) + "."});
}

// `what` the routine has done wrong.
[[noreturn, gnu::cold, gnu::noinline]] void refuse_to_go_on(Rule rule,
                                                            PIRP irp,
                                                            PIO_COMPLETION_ROUTINE routine,
                                                            const char* what) noexcept {
    ke::broken_rule(rule, named(routine) + what, reinterpret_cast<ULONG_PTR>(irp));
}

// True if the walk goes on. False: the IRP is the routine's owner's again, or gone.
bool call_routine(PIRP irp, PIO_COMPLETION_ROUTINE routine, PVOID context) noexcept {
    const bool at_top = is_at_top(irp);
    const PDEVICE_OBJECT device =
        at_top ? nullptr : IoGetCurrentIrpStackLocation(irp)->DeviceObject;
    const bool driver_owns_irp = at_top && irp_is_allocated(irp) && !belongs_to_io_manager(irp);
    const bool pending = irp->PendingReturned != FALSE && !at_top;
    const CompletionFrame frame(irp);
    const KIRQL irql = ke::current_irql();

    OWSK_ASSERT(holds_no_lock());
    const NTSTATUS answer = routine(device, irp, context);

    if (ke::current_irql() != irql) {
        refuse_irql(routine, irql);
    }
    if (answer == STATUS_MORE_PROCESSING_REQUIRED) {
        return false;
    }
    if (frame.irp_was_freed()) {
        refuse_to_go_on(Rule::irp_freed_but_not_claimed,
                        irp,
                        routine,
                        " freed its IRP and did not return STATUS_MORE_PROCESSING_REQUIRED: "
                        "completion would go on in freed memory.");
    }
    if (driver_owns_irp) {
        refuse_to_go_on(Rule::irp_not_claimed_by_completion_routine,
                        irp,
                        routine,
                        " belongs to an IRP of IoAllocateIrp, which ends with its driver, and did "
                        "not return STATUS_MORE_PROCESSING_REQUIRED.");
    }
    if (pending && (IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED) == 0) {
        refuse_to_go_on(Rule::pending_returned_not_passed_on,
                        irp,
                        routine,
                        " let completion go on and did not call IoMarkIrpPending although "
                        "Irp->PendingReturned was TRUE: whoever sent the IRP from above would not "
                        "wait for it.");
    }
    return true;
}

// True if the walk went past the top; false if a routine kept the IRP.
bool walk_up(PIRP irp) noexcept {
    while (!is_at_top(irp)) {
        const PIO_STACK_LOCATION used = IoGetCurrentIrpStackLocation(irp);
        const UCHAR control = used->Control;
        ++irp->CurrentLocation;
        ++irp->Tail.Overlay.CurrentStackLocation;
        irp->PendingReturned = (control & SL_PENDING_RETURNED) != 0 ? TRUE : FALSE;
        clear_used(used);
        if (wants_call(irp, control)) {
            if (!call_routine(irp, used->CompletionRoutine, used->Context)) {
                return false;
            }
        } else if (irp->PendingReturned && !is_at_top(irp)) {
            IoMarkIrpPending(irp);
        }
    }
    return true;
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_unclaimed(PIRP irp) noexcept {
    ke::broken_rule(Rule::irp_not_claimed_by_completion_routine,
                    "An IRP of IoAllocateIrp was completed and no completion routine was called "
                    "that claims it; set one with InvokeOnSuccess, InvokeOnError and "
                    "InvokeOnCancel.",
                    reinterpret_cast<ULONG_PTR>(irp));
}

// Nobody is left to call: tells the one who waits, and frees the IRP if that is the I/O manager's
// part.
void finish(PIRP irp) noexcept {
    if (irp_is_allocated(irp) && !belongs_to_io_manager(irp)) {
        refuse_unclaimed(irp);
    }
    const IO_STATUS_BLOCK result = irp->IoStatus;
    const PIO_STATUS_BLOCK iosb = irp->UserIosb;
    const PKEVENT event = irp->UserEvent;
    // One more, so that a second completion is noticed.
    ++irp->CurrentLocation;
    if (irp_is_allocated(irp)) {
        IoFreeIrp(irp);
    }
    if (iosb != nullptr) {
        *iosb = result;
    }
    if (event != nullptr) {
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    }
}

}  // namespace
}  // namespace owsk::nt::io

using namespace owsk::nt;

// IoCompleteRequest: hands the IRP back to everyone above, from the current stack location up.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      nothing: the IRP may be gone when it returns
// Verifier   irp-not-claimed-by-completion-routine, irp-freed-but-not-claimed,
//            irp-completed-twice, irp-completed-but-not-recognized, irp-completed-while-pending,
//            irp-completed-with-status-pending, irp-completed-with-cancel-routine,
//            irql-changed-by-completion-routine, pending-returned-not-passed-on
extern "C" VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost) {
    UNREFERENCED_PARAMETER(PriorityBoost);
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoCompleteRequest");
    owsk::pass(owsk::Point::complete);
    io::require_completable(Irp);
    if (io::irp_is_allocated(Irp)) {
        io::IrpTracker::note_completion(Irp, __builtin_return_address(0));
    }
    if (io::walk_up(Irp)) {
        io::finish(Irp);
    }
}
