// SPDX-License-Identifier: MIT
// The functions of KDPC.
#include <vector>

#include "nt/ke/bug_check.h"
#include "nt/ke/dpc_queue.h"
#include "nt/ke/irql.h"
#include "nt/ke/no_wait.h"
#include "nt/ke/wait.h"
#include "nt/system.h"

using namespace owsk::nt;
using namespace owsk::nt::ke;

namespace {

// A DPC that stands behind all those that were queued before it.
struct Marker {
    KDPC dpc;
    KEVENT passed;

    static VOID NTAPI run(PKDPC, PVOID context, PVOID, PVOID) {
        KeSetEvent(&static_cast<Marker*>(context)->passed, IO_NO_INCREMENT, FALSE);
    }
};

}  // namespace

// KeInitializeDpc: make a DPC that calls DeferredRoutine.
//
// IRQL       any
extern "C" VOID NTAPI KeInitializeDpc(PRKDPC Dpc,
                                      PKDEFERRED_ROUTINE DeferredRoutine,
                                      PVOID DeferredContext) {
    *Dpc = {};
    Dpc->Type = DpcObject;
    Dpc->Importance = MediumImportance;
    Dpc->DeferredRoutine = DeferredRoutine;
    Dpc->DeferredContext = DeferredContext;
}

// KeInsertQueueDpc: have the DPC called soon; FALSE if it is queued already.
//
// IRQL       any
// Keeps      Dpc until its routine is called
extern "C" BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc,
                                          PVOID SystemArgument1,
                                          PVOID SystemArgument2) {
    const owsk::Lock lock(System::current().dispatcher.mu);
    return queue_dpc_locked(*Dpc, SystemArgument1, SystemArgument2) ? TRUE : FALSE;
}

// KeRemoveQueueDpc: take the DPC back; FALSE if it was not queued. Its routine may be running.
//
// IRQL       any
extern "C" BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc) {
    const owsk::Lock lock(System::current().dispatcher.mu);
    return DpcQueue::remove_locked(*Dpc) ? TRUE : FALSE;
}

// KeSetImportanceDpc: high importance goes to the front of the queue.
//
// IRQL       any
extern "C" VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance) {
    Dpc->Importance = static_cast<UCHAR>(Importance);
}

// KeSetTargetProcessorDpc: have the DPC run on the processor with that number.
//
// IRQL       any
extern "C" VOID NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number) {
    const int count = static_cast<int>(System::current().host().processor_count());
    if (Number < 0 || Number >= count) {
        broken_rule(owsk::Rule::dpc_targeted_at_missing_processor,
                    "KeSetTargetProcessorDpc was given processor " + std::to_string(Number) +
                        " of " + std::to_string(count) + '.',
                    reinterpret_cast<ULONG_PTR>(Dpc));
    }
    // 0 is "the processor that queues it".
    Dpc->Number = static_cast<USHORT>(Number + 1);
}

// KeFlushQueuedDpcs: wait until every DPC that is queued now has run.
//
// IRQL       PASSIVE_LEVEL
extern "C" VOID NTAPI KeFlushQueuedDpcs(VOID) {
    require_irql_at_most(PASSIVE_LEVEL, "KeFlushQueuedDpcs");
    // Always: whether a DPC is queued just now is chance.
    require_may_block("KeFlushQueuedDpcs");
    System& system = System::current();
    std::vector<Marker> markers(system.host().processor_count());
    for (std::size_t number = 0; number < markers.size(); ++number) {
        Marker& marker = markers[number];
        KeInitializeEvent(&marker.passed, NotificationEvent, FALSE);
        KeInitializeDpc(&marker.dpc, &Marker::run, &marker);
        marker.dpc.Number = static_cast<USHORT>(number + 1);
        KeInsertQueueDpc(&marker.dpc, nullptr, nullptr);
    }
    for (Marker& marker : markers) {
        wait_for_one(marker.passed.Header, nullptr, "KeFlushQueuedDpcs");
    }
}
