// SPDX-License-Identifier: MIT
// IoCallDriver: sends an IRP to the driver of a device.
#include <wdm.h>

#include "base/mutex.h"
#include "nt/io/irp.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"

using namespace owsk;
using namespace owsk::nt;

// IofCallDriver: takes the next stack location and calls the dispatch routine for it.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   irp-sent-while-pending
extern "C" NTSTATUS FASTCALL IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoCallDriver");
    io::require_not_held(Irp, owsk::Rule::irp_sent_while_pending, "IoCallDriver");
    if (Irp->CurrentLocation <= 1) {
        ke::broken_rule(owsk::Rule::irp_sent_without_stack_location,
                        "IoCallDriver was given an IRP whose " + std::to_string(Irp->StackCount) +
                            " stack locations are all in use.",
                        reinterpret_cast<ULONG_PTR>(Irp));
    }
    IoSetNextIrpStackLocation(Irp);
    const PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);
    location->DeviceObject = DeviceObject;
    OWSK_ASSERT(holds_no_lock());
    return DeviceObject->DriverObject->MajorFunction[location->MajorFunction](DeviceObject, Irp);
}
