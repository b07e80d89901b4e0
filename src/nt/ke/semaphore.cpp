// SPDX-License-Identifier: MIT
// Semaphores.
#include <string>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"
#include "nt/system.h"

using namespace owsk::nt;
using namespace owsk::nt::ke;

// KeInitializeSemaphore: make a semaphore with Count of at most Limit.
//
// IRQL       any
extern "C" VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit) {
    initialize_header(Semaphore->Header, SemaphoreObject, sizeof(KSEMAPHORE), Count);
    Semaphore->Limit = Limit;
}

// KeReleaseSemaphore: add to the count, and return the count before.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   semaphore-limit-exceeded
// Choice     Windows raises STATUS_SEMAPHORE_LIMIT_EXCEEDED, which a driver without a handler does
// not
//            survive either
extern "C" LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore,
                                         KPRIORITY Increment,
                                         LONG Adjustment,
                                         BOOLEAN Wait) {
    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    require_irql_at_most(DISPATCH_LEVEL, "KeReleaseSemaphore");
    owsk::Lock lock(System::current().dispatcher.mu);
    require_initialized(Semaphore->Header, "KeReleaseSemaphore", lock);
    const LONG previous = Semaphore->Header.SignalState;
    const LONG limit = Semaphore->Limit;
    if (Adjustment <= 0 || LONGLONG{previous} + Adjustment > limit) {
        lock.unlock();
        broken_rule(owsk::Rule::semaphore_limit_exceeded,
                    "KeReleaseSemaphore was asked to add " + std::to_string(Adjustment) +
                        " to a count of " + std::to_string(previous) + " with the limit " +
                        std::to_string(limit) + '.',
                    reinterpret_cast<ULONG_PTR>(Semaphore));
    }
    Semaphore->Header.SignalState = previous + Adjustment;
    wake_waiters_locked(Semaphore->Header);
    return previous;
}

// KeReadStateSemaphore: the count at this moment.
//
// IRQL       any
extern "C" LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore) {
    const owsk::Lock lock(System::current().dispatcher.mu);
    return Semaphore->Header.SignalState;
}
