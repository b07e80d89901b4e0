// SPDX-License-Identifier: MIT
// Wrong: a timer completes an IRP and does not look whether its cancel routine is under way.
#include "simulation/canaries/canary.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

struct Delay {
    explicit Delay(PIRP held) : irp(held) {
        KeInitializeTimer(&timer);
        KeInitializeDpc(&dpc, on_time, this);
    }

    static NTAPI void on_time(PKDPC, PVOID context, PVOID, PVOID) {
        PIRP irp = static_cast<Delay*>(context)->irp;
        IoSetCancelRoutine(irp, nullptr);
        irp->IoStatus.Status = STATUS_SUCCESS;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    static NTAPI void on_cancel(PDEVICE_OBJECT, PIRP irp) {
        IoReleaseCancelSpinLock(irp->CancelIrql);
        auto* delay = static_cast<Delay*>(irp->Tail.Overlay.DriverContext[0]);
        KeCancelTimer(&delay->timer);
        irp->IoStatus.Status = STATUS_CANCELLED;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    static NTAPI NTSTATUS on_complete(PDEVICE_OBJECT, PIRP, PVOID event) {
        KeSetEvent(static_cast<PKEVENT>(event), IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    PIRP irp;
    KTIMER timer;
    KDPC dpc;
};

}  // namespace

OWSK_CANARY(completed_twice,
            "a timer and a cancel routine complete the same IRP",
            by_rule(Rule::irp_completed_twice)) {
    Server& server = run.add_server({.registered = false});
    server.perform([&] {
        KEVENT done;
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        PIRP irp = IoAllocateIrp(1, FALSE);
        Delay delay(irp);
        IoSetCompletionRoutine(irp, Delay::on_complete, &done, TRUE, TRUE, TRUE);
        IoSetNextIrpStackLocation(irp);
        irp->Tail.Overlay.DriverContext[0] = &delay;
        IoMarkIrpPending(irp);
        IoSetCancelRoutine(irp, Delay::on_cancel);
        LARGE_INTEGER due;
        due.QuadPart = -1000;  // 100 us
        KeSetTimer(&delay.timer, due, &delay.dpc);
        Server::sleep(90us + run.moment(20us));
        IoCancelIrp(irp);
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
        KeFlushQueuedDpcs();
        IoFreeIrp(irp);
    });
    run.finish();
}

}  // namespace owsk::scenarios
