// SPDX-License-Identifier: MIT
// Mutants: SignalState is 1 for a free one, and 1 less each time its owner has acquired it.
#include "nt/ke/mutant.h"

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

void disown_locked(KMUTANT& mutant, ps::Thread& thread) noexcept {
    RemoveEntryList(&mutant.MutantListEntry);
    mutant.OwnerThread = nullptr;
    mutant.Header.SignalState = 1;
    thread.kernel_apc_disable -= mutant.ApcDisable;
    wake_waiters_locked(mutant.Header);
}

void initialize_mutant(KMUTANT& mutant, bool is_kernel_mutex) noexcept {
    initialize_header(mutant.Header, MutantObject, sizeof(KMUTANT), 1);
    mutant.OwnerThread = nullptr;
    mutant.Abandoned = FALSE;
    mutant.ApcDisable = is_kernel_mutex ? 1 : 0;
}

}  // namespace

bool may_own_locked(const KMUTANT& mutant, const ps::Thread& thread) noexcept {
    return mutant.Header.SignalState > 0 || mutant.OwnerThread == thread.kthread();
}

NTSTATUS own_locked(KMUTANT& mutant, ps::Thread& thread) noexcept {
    if (--mutant.Header.SignalState != 0) {
        return STATUS_SUCCESS;
    }
    mutant.OwnerThread = thread.kthread();
    InsertTailList(&thread.mutants, &mutant.MutantListEntry);
    thread.kernel_apc_disable += mutant.ApcDisable;
    const bool abandoned = mutant.Abandoned != FALSE;
    mutant.Abandoned = FALSE;
    return abandoned ? STATUS_ABANDONED : STATUS_SUCCESS;
}

void abandon_mutants(ps::Thread& thread) noexcept {
    Lock lock(System::current().dispatcher.mu);
    while (!IsListEmpty(&thread.mutants)) {
        KMUTANT& mutant = *CONTAINING_RECORD(thread.mutants.Flink, KMUTANT, MutantListEntry);
        if (mutant.ApcDisable != 0) {
            lock.unlock();
            broken_rule(Rule::thread_ended_holding_a_mutex,
                        {.parameters = {reinterpret_cast<ULONG_PTR>(thread.kthread()),
                                        reinterpret_cast<ULONG_PTR>(&mutant),
                                        0,
                                        0},
                         .sentence = "A thread ended while it held a mutex."});
        }
        mutant.Abandoned = TRUE;
        disown_locked(mutant, thread);
    }
}

}  // namespace owsk::nt::ke

using namespace owsk::nt;
using namespace owsk::nt::ke;

// KeInitializeMutex: make a mutex that nobody holds. Level is not used, as on Windows.
//
// IRQL       any
extern "C" VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level) {
    UNREFERENCED_PARAMETER(Level);
    initialize_mutant(*Mutex, true);
}

// KeReleaseMutex: undo one acquisition. Returns 0 if the mutex is free now.
//
// IRQL       <= DISPATCH_LEVEL
// Choice     Windows raises STATUS_MUTANT_NOT_OWNED when another thread releases, which a driver
//            without a handler does not survive either
extern "C" LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait) {
    UNREFERENCED_PARAMETER(Wait);
    require_irql_at_most(DISPATCH_LEVEL, "KeReleaseMutex");
    ps::Thread& thread = ps::current_thread();
    owsk::Lock lock(System::current().dispatcher.mu);
    require_initialized(Mutex->Header, "KeReleaseMutex", lock);
    if (Mutex->OwnerThread != thread.kthread()) {
        const auto owner = reinterpret_cast<ULONG_PTR>(Mutex->OwnerThread);
        lock.unlock();
        broken_rule(
            owsk::Rule::mutex_released_by_another_thread,
            {.parameters = {reinterpret_cast<ULONG_PTR>(thread.kthread()),
                            reinterpret_cast<ULONG_PTR>(Mutex),
                            owner,
                            0},
             .sentence = owner == 0 ? "KeReleaseMutex was called for a mutex that nobody holds."
                                    : "KeReleaseMutex was called by a thread that is not the "
                                      "owner."});
    }
    const LONG previous = Mutex->Header.SignalState;
    if (previous == 0) {
        disown_locked(*Mutex, thread);
    } else {
        ++Mutex->Header.SignalState;
    }
    return previous;
}

// KeReadStateMutex: 1 if the mutex is free at this moment.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex) {
    const owsk::Lock lock(System::current().dispatcher.mu);
    return Mutex->Header.SignalState;
}
