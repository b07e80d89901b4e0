// SPDX-License-Identifier: MIT
// IoSetCompletionRoutineEx: a completion routine that keeps its driver from being unloaded.
#include <wdm.h>

#include <memory>

#include "base/visible_memory.h"
#include "nt/io/driver_object.h"
#include "nt/io/irp.h"

namespace owsk::nt::io {
namespace {

// Lives from the call until the routine has returned.
struct PinnedRoutine : Visible {
    ob::Ref<DeviceObject> device;
    PIO_COMPLETION_ROUTINE routine;
    PVOID context;
    bool on_success;
    bool on_error;
    bool on_cancel;

    bool wants_call(const IRP* irp) const noexcept {
        return (NT_SUCCESS(irp->IoStatus.Status) ? on_success : on_error) ||
               (on_cancel && irp_is_cancelled(irp));
    }
};

// What completion does at a location whose routine does not want to be called.
NTSTATUS pass_on(PIRP irp) noexcept {
    if (irp->PendingReturned && irp->CurrentLocation <= irp->StackCount) {
        IoMarkIrpPending(irp);
    }
    return STATUS_CONTINUE_COMPLETION;
}

NTSTATUS NTAPI call_pinned(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
    const std::unique_ptr<PinnedRoutine> pinned(static_cast<PinnedRoutine*>(context));
    const NTSTATUS answer =
        pinned->wants_call(irp) ? pinned->routine(device, irp, pinned->context) : pass_on(irp);
    pinned->device->driver().unpin();
    return answer;
}

}  // namespace
}  // namespace owsk::nt::io

using namespace owsk::nt;

// IoSetCompletionRoutineEx: as IoSetCompletionRoutine, and the driver stays until the routine has
// returned.
//
// IRQL       <= DISPATCH_LEVEL
// Choice     completion comes by here on every outcome, so that what is allocated here is freed;
// the
//            driver's routine is called only for the outcomes that it asked for
extern "C" NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject,
                                                   PIRP Irp,
                                                   PIO_COMPLETION_ROUTINE CompletionRoutine,
                                                   PVOID Context,
                                                   BOOLEAN InvokeOnSuccess,
                                                   BOOLEAN InvokeOnError,
                                                   BOOLEAN InvokeOnCancel) {
    io::DeviceObject& device = io::DeviceObject::from(DeviceObject, "IoSetCompletionRoutineEx");
    device.driver().pin();
    auto pinned = std::make_unique<io::PinnedRoutine>(
        io::PinnedRoutine{{},
                          ob::Ref<io::DeviceObject>::share(&device),
                          CompletionRoutine,
                          Context,
                          InvokeOnSuccess != FALSE,
                          InvokeOnError != FALSE,
                          InvokeOnCancel != FALSE});
    IoSetCompletionRoutine(Irp, io::call_pinned, pinned.release(), TRUE, TRUE, TRUE);
    return STATUS_SUCCESS;
}
