// SPDX-License-Identifier: MIT
// Critical regions: a counter of each thread. There are no APCs that they could hold off, but
// leaving one that was not entered is found.
#include "nt/ke/bug_check.h"
#include "nt/ps/thread.h"

using namespace owsk::nt;

// KeEnterCriticalRegion: hold off normal kernel APCs.
//
// IRQL       <= APC_LEVEL
extern "C" VOID NTAPI KeEnterCriticalRegion(VOID) {
    ++ps::current_thread().kernel_apc_disable;
}

// KeLeaveCriticalRegion: the counterpart of KeEnterCriticalRegion.
//
// IRQL       <= APC_LEVEL
// Verifier   critical-region-left-but-not-entered
extern "C" VOID NTAPI KeLeaveCriticalRegion(VOID) {
    ps::Thread& thread = ps::current_thread();
    if (thread.kernel_apc_disable == 0) {
        ke::broken_rule(
            owsk::Rule::critical_region_left_but_not_entered,
            "KeLeaveCriticalRegion was called by a thread that is not in such a region.",
            reinterpret_cast<ULONG_PTR>(thread.kthread()));
    }
    --thread.kernel_apc_disable;
}

// KeAreApcsDisabled: whether the thread is in a critical region, or holds a mutex.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" BOOLEAN NTAPI KeAreApcsDisabled(VOID) {
    return ps::current_thread().kernel_apc_disable != 0 ? TRUE : FALSE;
}
