// SPDX-License-Identifier: MIT
// ExQueueWorkItem: hands a routine to the system worker threads.
#include <wdm.h>

#include "nt/ke/irql.h"
#include "nt/system.h"

using namespace owsk::nt;

// ExQueueWorkItem: the routine runs once, at PASSIVE_LEVEL, and may free the item.
//
// IRQL       <= DISPATCH_LEVEL
// Choice     all queue types are served by the same threads, first come, first served
extern "C" VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType) {
    UNREFERENCED_PARAMETER(QueueType);
    ke::require_irql_at_most(DISPATCH_LEVEL, "ExQueueWorkItem");
    System::current().work_queue.push(WorkItem);
}
