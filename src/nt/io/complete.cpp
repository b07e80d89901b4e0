// SPDX-License-Identifier: MIT
// IoCompleteRequest: the one place that completes an IRP.
#include <wdm.h>

#include <string>
#include <utility>

#include "base/mutex.h"
#include "nt/io/completion_frame.h"
#include "nt/io/irp.h"
#include "nt/io/irp_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

namespace owsk::nt::io {
namespace {

[[noreturn]] void refuse(ULONG code, const char* rule, PIRP irp, std::string sentence) noexcept {
    ke::bug_check({.code = code,
                   .parameters = {reinterpret_cast<ULONG_PTR>(irp), 0, 0, 0},
                   .rule = rule,
                   .sentence = std::move(sentence)});
}

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

void require_in_use(PIRP irp) noexcept {
    if (is_in_use(irp)) {
        return;
    }
    std::string sentence = "An IRP was completed that nobody is working on";
    if (const void* first = irp_is_allocated(irp) ? IrpTracker::completed_at(irp) : nullptr) {
        sentence += ": it had been completed at " + ke::symbol_of(first) + ".";
    } else if (irp->CurrentLocation > irp->StackCount + 1) {
        sentence += ": it has been completed already.";
    } else {
        sentence += ": it has been completed already, or was never sent.";
    }
    refuse(MULTIPLE_IRP_COMPLETE_REQUESTS, "irp-completed-once", irp, std::move(sentence));
}

void require_completable(PIRP irp) noexcept {
    if (irp->Type != IO_TYPE_IRP) {
        refuse(MULTIPLE_IRP_COMPLETE_REQUESTS,
               "irp-completed-is-an-irp",
               irp,
               "An IRP was completed that is none, or has been freed.");
    }
    require_not_held(irp, "irp-completed-while-pending", "IoCompleteRequest");
    require_in_use(irp);
    if (irp->IoStatus.Status == STATUS_PENDING) {
        ke::broken_rule(
            "irp-completed-with-final-status",
            "An IRP was completed with STATUS_PENDING in IoStatus.Status, which is not a "
            "result.",
            reinterpret_cast<ULONG_PTR>(irp));
    }
    // IoCancelIrp may be looking at it too.
    const PDRIVER_CANCEL cancel_routine = __atomic_load_n(&irp->CancelRoutine, __ATOMIC_ACQUIRE);
    if (cancel_routine != nullptr) {
        refuse(CANCEL_STATE_IN_COMPLETED_IRP,
               "irp-completed-without-cancel-routine",
               irp,
               "An IRP was completed whose cancel routine " +
                   ke::symbol_of(reinterpret_cast<const void*>(cancel_routine)) + " is still set.");
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

// True if the walk goes on. False: the IRP is the routine's owner's again, or gone.
bool call_routine(PIRP irp, PIO_COMPLETION_ROUTINE routine, PVOID context) noexcept {
    const PDEVICE_OBJECT device =
        is_at_top(irp) ? nullptr : IoGetCurrentIrpStackLocation(irp)->DeviceObject;
    const bool driver_owns_irp =
        is_at_top(irp) && irp_is_allocated(irp) && !belongs_to_io_manager(irp);
    const bool pending = irp->PendingReturned != FALSE && !is_at_top(irp);
    const CompletionFrame frame(irp);
    const KIRQL irql = ke::current_irql();

    OWSK_ASSERT(holds_no_lock());
    const NTSTATUS answer = routine(device, irp, context);

    const auto named = [&] {
        return "The completion routine " + ke::symbol_of(reinterpret_cast<const void*>(routine));
    };
    if (ke::current_irql() != irql) {
        ke::bug_check({.code = IRQL_UNEXPECTED_VALUE,
                       .parameters = {ke::current_irql(), irql, 0, 0},
                       .rule = "irql-changed-by-completion-routine",
                       .sentence = named() + " returned at IRQL " +
                                   std::to_string(ke::current_irql()) + "; it was called at " +
                                   std::to_string(irql) + "."});
    }
    if (answer == STATUS_MORE_PROCESSING_REQUIRED) {
        return false;
    }
    if (frame.irp_was_freed()) {
        ke::broken_rule("irp-freed-but-not-claimed",
                        named() +
                            " freed its IRP and did not return "
                            "STATUS_MORE_PROCESSING_REQUIRED: completion would go on in freed "
                            "memory.",
                        reinterpret_cast<ULONG_PTR>(irp));
    }
    if (driver_owns_irp) {
        ke::broken_rule("completion-routine-must-return-more-processing-required",
                        named() +
                            " belongs to an IRP of IoAllocateIrp, which ends with its driver, and "
                            "did not return STATUS_MORE_PROCESSING_REQUIRED.",
                        reinterpret_cast<ULONG_PTR>(irp));
    }
    if (pending && (IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED) == 0) {
        ke::broken_rule("pending-returned-must-be-passed-on",
                        named() +
                            " let completion go on and did not call IoMarkIrpPending although "
                            "Irp->PendingReturned was TRUE: whoever sent the IRP from above "
                            "would not wait for it.",
                        reinterpret_cast<ULONG_PTR>(irp));
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

// Nobody is left to call: tells the one who waits, and frees the IRP if that is the I/O manager's
// part.
void finish(PIRP irp) noexcept {
    if (irp_is_allocated(irp) && !belongs_to_io_manager(irp)) {
        ke::broken_rule(
            "completion-routine-must-return-more-processing-required",
            "An IRP of IoAllocateIrp was completed and no completion routine was called "
            "that claims it; set one with InvokeOnSuccess, InvokeOnError and "
            "InvokeOnCancel.",
            reinterpret_cast<ULONG_PTR>(irp));
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
// Verifier   completion-routine-must-return-more-processing-required, irp-freed-but-not-claimed,
//            irp-completed-once, irp-completed-is-an-irp, irp-completed-while-pending,
//            irp-completed-with-final-status, irp-completed-without-cancel-routine,
//            irql-changed-by-completion-routine, pending-returned-must-be-passed-on
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
