// SPDX-License-Identifier: MIT
// Wrong: a thread and a DPC take two spin locks in opposite order.
#include "simulation/canaries/canary.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

struct Locks {
    Locks() {
        KeInitializeSpinLock(&first);
        KeInitializeSpinLock(&second);
        KeInitializeDpc(&dpc, on_dpc, this);
    }
    static NTAPI void on_dpc(PKDPC, PVOID context, PVOID, PVOID) {
        auto& self = *static_cast<Locks*>(context);
        KeAcquireSpinLockAtDpcLevel(&self.second);
        KeAcquireSpinLockAtDpcLevel(&self.first);
        KeReleaseSpinLockFromDpcLevel(&self.first);
        KeReleaseSpinLockFromDpcLevel(&self.second);
    }

    KSPIN_LOCK first;
    KSPIN_LOCK second;
    KDPC dpc;
};

}  // namespace

OWSK_CANARY(lock_order, "two spin locks are taken in opposite order", "stuck: ") {
    Server& server = run.add_server({.processors = 2, .registered = false});
    server.perform([] {
        Locks locks;
        for (unsigned times = 0; times < 3; ++times) {
            KeInsertQueueDpc(&locks.dpc, nullptr, nullptr);
            KIRQL irql;
            KeAcquireSpinLock(&locks.first, &irql);
            KeAcquireSpinLockAtDpcLevel(&locks.second);
            KeReleaseSpinLockFromDpcLevel(&locks.second);
            KeReleaseSpinLock(&locks.first, irql);
        }
        KeFlushQueuedDpcs();
    });
    run.finish();
}

}  // namespace owsk::scenarios
