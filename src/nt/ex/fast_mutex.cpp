// SPDX-License-Identifier: MIT
// Fast mutexes: a count that says whether anybody has to wait, and an event to wait on.
#include <wdm.h>

#include <atomic>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"

using namespace owsk;
using namespace owsk::nt;

namespace {

// 1 when free; less by one for the owner and for each thread that waits.
std::atomic_ref<LONG> count_of(PFAST_MUTEX mutex) noexcept {
    return std::atomic_ref<LONG>(const_cast<LONG&>(mutex->Count));
}

std::atomic_ref<PKTHREAD> owner_of(PFAST_MUTEX mutex) noexcept {
    return std::atomic_ref<PKTHREAD>(reinterpret_cast<PKTHREAD&>(mutex->Owner));
}

void own(PFAST_MUTEX mutex, KIRQL irql) noexcept {
    owner_of(mutex).store(reinterpret_cast<PKTHREAD>(KeGetCurrentThread()));
    mutex->OldIrql = irql;
}

void acquire(PFAST_MUTEX mutex, KIRQL irql, const char* function) noexcept {
    ke::require_irql_at_most(APC_LEVEL, function);
    pass(Point::spin_lock);
    if (owner_of(mutex).load() == reinterpret_cast<PKTHREAD>(KeGetCurrentThread())) {
        ke::broken_rule(
            owsk::Rule::fast_mutex_acquired_twice,
            std::string(function) +
                " was called by the thread that owns the mutex: it would wait for itself.",
            reinterpret_cast<ULONG_PTR>(mutex));
    }
    if (count_of(mutex).fetch_sub(1) != 1) {
        std::atomic_ref<ULONG>(mutex->Contention).fetch_add(1);
        ke::wait_for_one(mutex->Event.Header, nullptr, function);
    }
    own(mutex, irql);
}

// Returns the IRQL from before the acquisition.
KIRQL release(PFAST_MUTEX mutex, const char* function) noexcept {
    if (owner_of(mutex).load() != reinterpret_cast<PKTHREAD>(KeGetCurrentThread())) {
        ke::broken_rule(owsk::Rule::fast_mutex_released_by_another_thread,
                        {.parameters = {reinterpret_cast<ULONG_PTR>(mutex),
                                        reinterpret_cast<ULONG_PTR>(owner_of(mutex).load()),
                                        reinterpret_cast<ULONG_PTR>(KeGetCurrentThread())},
                         .sentence = std::string(function) +
                                     " was called by a thread that does not own the mutex."});
    }
    const KIRQL irql = static_cast<KIRQL>(mutex->OldIrql);
    owner_of(mutex).store(nullptr);
    if (count_of(mutex).fetch_add(1) < 0) {
        KeSetEvent(&mutex->Event, IO_NO_INCREMENT, FALSE);
    }
    pass(Point::spin_lock);
    return irql;
}

}  // namespace

// ExAcquireFastMutex: owns the mutex, at APC_LEVEL. Not recursive.
//
// IRQL       <= APC_LEVEL
// Verifier   fast-mutex-acquired-twice
extern "C" VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex) {
    const KIRQL before = ke::current_irql();
    acquire(FastMutex, before, "ExAcquireFastMutex");
    ke::set_irql(APC_LEVEL);
}

// ExReleaseFastMutex: returns to the IRQL from before the acquisition.
//
// IRQL       APC_LEVEL
// Verifier   fast-mutex-released-by-another-thread
extern "C" VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex) {
    ke::require_irql_at_most(APC_LEVEL, "ExReleaseFastMutex");
    ke::set_irql(release(FastMutex, "ExReleaseFastMutex"));
}

// ExTryToAcquireFastMutex: TRUE if the mutex was free and is now owned, at APC_LEVEL.
extern "C" BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex) {
    ke::require_irql_at_most(APC_LEVEL, "ExTryToAcquireFastMutex");
    pass(Point::spin_lock);
    LONG free = 1;
    if (!count_of(FastMutex).compare_exchange_strong(free, 0)) {
        return FALSE;
    }
    own(FastMutex, ke::current_irql());
    ke::set_irql(APC_LEVEL);
    return TRUE;
}

// ExAcquireFastMutexUnsafe: the same without a change of the IRQL.
//
// IRQL       APC_LEVEL, or PASSIVE_LEVEL in a critical region
extern "C" VOID NTAPI ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex) {
    acquire(FastMutex, ke::current_irql(), "ExAcquireFastMutexUnsafe");
}

// ExReleaseFastMutexUnsafe: gives up what ExAcquireFastMutexUnsafe got.
extern "C" VOID NTAPI ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex) {
    release(FastMutex, "ExReleaseFastMutexUnsafe");
}
