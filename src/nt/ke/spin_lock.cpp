// SPDX-License-Identifier: MIT
// Spin locks, plain and queued. The queued ones are not fairer than the others here: on Linux a
// preempted thread in the queue would hold up all behind it.
#include "nt/ke/spin_lock.h"

#include <string>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/spin_watch.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

KSPIN_LOCK token_of(const ps::Thread& thread) noexcept {
    return reinterpret_cast<KSPIN_LOCK>(thread.kthread()) | 1;
}

KSPIN_LOCK owner_token() noexcept {
    return token_of(ps::current_thread());
}

// Precondition: at DISPATCH_LEVEL, where a thread is always one of a machine.
KSPIN_LOCK owner_token_at_dispatch_level() noexcept {
    return token_of(*ps::current_thread_or_null());
}

ULONG_PTR address(KSPIN_LOCK* lock) noexcept {
    return reinterpret_cast<ULONG_PTR>(lock);
}

bool is_free(const void* lock) noexcept {
    return __atomic_load_n(static_cast<const KSPIN_LOCK*>(lock), __ATOMIC_RELAXED) == 0;
}

// Under the simulation, where nobody else runs meanwhile: lets others run until the lock is free.
// False on the real machine.
bool wait_for_owner(const KSPIN_LOCK* lock, KSPIN_LOCK owner) noexcept {
    if (!is_simulated()) {
        return false;
    }
    const ps::Thread& holder = ps::Thread::from(reinterpret_cast<void*>(owner & ~KSPIN_LOCK{1}));
    const std::string what = "a spin lock that " + holder.description() + " holds";
    return wait_until(is_free, lock, what.c_str());
}

// False: somebody has it; `owner` says who.
bool take_free(KSPIN_LOCK* lock, KSPIN_LOCK self, KSPIN_LOCK& owner) noexcept {
    owner = 0;
    return __atomic_compare_exchange_n(
        lock, &owner, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

[[gnu::noinline]] void spin_for(KSPIN_LOCK* lock, KSPIN_LOCK self, KSPIN_LOCK owner) noexcept {
    if (owner == self) {
        broken_rule(Rule::spin_lock_acquired_twice,
                    {.parameters = {address(lock), owner & ~KSPIN_LOCK{1}, 0, 0},
                     .sentence = "A thread acquired a spin lock that it already holds."});
    }
    LongSpin spin(lock);
    for (unsigned round = 0;; ++round) {
        if (!wait_for_owner(lock, owner)) {
            spin_pause(round);
            spin.round(round);
        }
        if (take_free(lock, self, owner)) {
            return;
        }
    }
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_release(KSPIN_LOCK* lock,
                                                           KSPIN_LOCK self,
                                                           KSPIN_LOCK owner) noexcept {
    broken_rule(
        Rule::spin_lock_released_by_another_thread,
        {.parameters = {address(lock), owner & ~KSPIN_LOCK{1}, self & ~KSPIN_LOCK{1}, 0},
         .sentence = owner == 0 ? "A thread released a spin lock that nobody holds."
                                : "A thread released a spin lock that another thread holds."});
}

// A thread at DISPATCH_LEVEL on the real machine, as callbacks of WSK run, takes and leaves a free
// lock by these two. All else, and whatever is wrong, is left to the longer ways.
bool takes_at_once(KSPIN_LOCK* lock) noexcept {
    KSPIN_LOCK owner = 0;
    return current_irql() == DISPATCH_LEVEL && !is_simulated() &&
           take_free(lock, owner_token_at_dispatch_level(), owner);
}

bool leaves_at_once(KSPIN_LOCK* lock) noexcept {
    if (current_irql() != DISPATCH_LEVEL || is_simulated() ||
        __atomic_load_n(lock, __ATOMIC_RELAXED) != owner_token_at_dispatch_level()) {
        return false;
    }
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    return true;
}

void acquire_spin_lock(KSPIN_LOCK* lock) noexcept {
    pass(Point::spin_lock);
    const KSPIN_LOCK self = owner_token();
    KSPIN_LOCK owner = 0;
    if (!take_free(lock, self, owner)) {
        spin_for(lock, self, owner);
    }
}

void release_spin_lock(KSPIN_LOCK* lock) noexcept {
    const KSPIN_LOCK self = owner_token();
    const KSPIN_LOCK owner = __atomic_load_n(lock, __ATOMIC_RELAXED);
    if (owner != self) {
        refuse_release(lock, self, owner);
    }
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    pass(Point::spin_lock);
}

[[gnu::noinline]] KIRQL raise_and_acquire(KSPIN_LOCK* lock) noexcept {
    require_irql_at_most(DISPATCH_LEVEL, "KeAcquireSpinLock");
    const KIRQL previous = current_irql();
    set_irql(DISPATCH_LEVEL);
    acquire_spin_lock(lock);
    return previous;
}

[[gnu::noinline]] void release_and_lower(KSPIN_LOCK* lock, KIRQL irql) noexcept {
    require_irql_at_least(DISPATCH_LEVEL, "KeReleaseSpinLock");
    release_spin_lock(lock);
    lower_irql(irql);
}

[[gnu::noinline]] void acquire_at_dispatch_level(KSPIN_LOCK* lock) noexcept {
    require_irql_at_least(DISPATCH_LEVEL, "KeAcquireSpinLockAtDpcLevel");
    acquire_spin_lock(lock);
}

[[gnu::noinline]] void release_at_dispatch_level(KSPIN_LOCK* lock) noexcept {
    require_irql_at_least(DISPATCH_LEVEL, "KeReleaseSpinLockFromDpcLevel");
    release_spin_lock(lock);
}

}  // namespace

void spin_pause(unsigned round) noexcept {
    constexpr unsigned rounds_before_yield = 64;
    if (round % rounds_before_yield == rounds_before_yield - 1 || is_simulated()) {
        System::current().host().yield();
    } else {
        __builtin_ia32_pause();
    }
}

}  // namespace owsk::nt::ke

using namespace owsk::nt::ke;

// KeInitializeSpinLock: make a spin lock that nobody holds.
//
// IRQL       any
extern "C" VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock) {
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}

// KeAcquireSpinLockRaiseToDpc: raise to DISPATCH_LEVEL, and hold the lock.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock) {
    return takes_at_once(SpinLock) ? DISPATCH_LEVEL : raise_and_acquire(SpinLock);
}

// KeReleaseSpinLock: let go of the lock, and return to the IRQL from before it was acquired.
//
// IRQL       DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql) {
    if (NewIrql != DISPATCH_LEVEL || !leaves_at_once(SpinLock)) {
        release_and_lower(SpinLock, NewIrql);
    }
}

// KeAcquireSpinLockAtDpcLevel: hold the lock; the IRQL stays.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    if (!takes_at_once(SpinLock)) {
        acquire_at_dispatch_level(SpinLock);
    }
}

// KeReleaseSpinLockFromDpcLevel: let go of the lock; the IRQL stays.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock) {
    if (!leaves_at_once(SpinLock)) {
        release_at_dispatch_level(SpinLock);
    }
}

// KeTryToAcquireSpinLockAtDpcLevel: hold the lock if it is free.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    require_irql_at_least(DISPATCH_LEVEL, "KeTryToAcquireSpinLockAtDpcLevel");
    owsk::pass(owsk::Point::spin_lock);
    KSPIN_LOCK owner = 0;
    return take_free(SpinLock, owner_token(), owner) ? TRUE : FALSE;
}

// KeTestSpinLock: whether the lock is free at this moment.
//
// IRQL       any
extern "C" BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock) {
    owsk::pass(owsk::Point::spin_lock);
    return __atomic_load_n(SpinLock, __ATOMIC_RELAXED) == 0 ? TRUE : FALSE;
}

// KeAcquireInStackQueuedSpinLock: raise to DISPATCH_LEVEL, and hold the lock by way of a handle.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      LockHandle until the release
extern "C" VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock,
                                                     PKLOCK_QUEUE_HANDLE LockHandle) {
    LockHandle->LockQueue.Next = nullptr;
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = KeAcquireSpinLockRaiseToDpc(SpinLock);
}

// KeReleaseInStackQueuedSpinLock: the counterpart of KeAcquireInStackQueuedSpinLock.
//
// IRQL       DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle) {
    KeReleaseSpinLock(LockHandle->LockQueue.Lock, LockHandle->OldIrql);
}

// KeAcquireInStackQueuedSpinLockAtDpcLevel: the same without a change of IRQL.
//
// IRQL       >= DISPATCH_LEVEL
// Keeps      LockHandle until the release
extern "C" VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                               PKLOCK_QUEUE_HANDLE LockHandle) {
    LockHandle->LockQueue.Next = nullptr;
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = current_irql();
    KeAcquireSpinLockAtDpcLevel(SpinLock);
}

// KeReleaseInStackQueuedSpinLockFromDpcLevel: the counterpart of the one above.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle) {
    KeReleaseSpinLockFromDpcLevel(LockHandle->LockQueue.Lock);
}
