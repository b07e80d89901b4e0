// SPDX-License-Identifier: MIT
// Spin locks, plain and queued. The queued ones are not fairer than the others here: on Linux a
// preempted thread in the queue would hold up all behind it.
#include "nt/ke/spin_lock.h"

#include <bugcodes.h>

#include <string>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/spin_watch.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

KSPIN_LOCK owner_token() noexcept {
    return reinterpret_cast<KSPIN_LOCK>(ps::current_thread().kthread()) | 1;
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
        bug_check({.code = SPIN_LOCK_ALREADY_OWNED,
                   .parameters = {address(lock), owner & ~KSPIN_LOCK{1}, 0, 0},
                   .rule = "spin-lock-acquired-twice",
                   .sentence = "A thread acquired a spin lock that it holds already."});
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

}  // namespace

void spin_pause(unsigned round) noexcept {
    constexpr unsigned rounds_before_yield = 64;
    if (round % rounds_before_yield == rounds_before_yield - 1 || is_simulated()) {
        System::current().host().yield();
    } else {
        __builtin_ia32_pause();
    }
}

bool try_acquire_spin_lock(KSPIN_LOCK* lock) noexcept {
    pass(Point::spin_lock);
    KSPIN_LOCK owner = 0;
    return take_free(lock, owner_token(), owner);
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
        bug_check({.code = SPIN_LOCK_NOT_OWNED,
                   .parameters = {address(lock), owner & ~KSPIN_LOCK{1}, self & ~KSPIN_LOCK{1}, 0},
                   .rule = "spin-lock-released-by-its-owner",
                   .sentence = owner == 0 ? "A thread released a spin lock that nobody holds."
                                          : "A thread released a spin lock that another holds."});
    }
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    pass(Point::spin_lock);
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
    require_irql_at_most(DISPATCH_LEVEL, "KeAcquireSpinLock");
    const KIRQL previous = current_irql();
    set_irql(DISPATCH_LEVEL);
    acquire_spin_lock(SpinLock);
    return previous;
}

// KeReleaseSpinLock: let go of the lock, and return to the IRQL from before it was acquired.
//
// IRQL       DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql) {
    require_irql_at_least(DISPATCH_LEVEL, "KeReleaseSpinLock");
    release_spin_lock(SpinLock);
    lower_irql(NewIrql);
}

// KeAcquireSpinLockAtDpcLevel: hold the lock; the IRQL stays.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    require_irql_at_least(DISPATCH_LEVEL, "KeAcquireSpinLockAtDpcLevel");
    acquire_spin_lock(SpinLock);
}

// KeReleaseSpinLockFromDpcLevel: let go of the lock; the IRQL stays.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock) {
    require_irql_at_least(DISPATCH_LEVEL, "KeReleaseSpinLockFromDpcLevel");
    release_spin_lock(SpinLock);
}

// KeTryToAcquireSpinLockAtDpcLevel: hold the lock if it is free.
//
// IRQL       >= DISPATCH_LEVEL
extern "C" BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    require_irql_at_least(DISPATCH_LEVEL, "KeTryToAcquireSpinLockAtDpcLevel");
    return try_acquire_spin_lock(SpinLock) ? TRUE : FALSE;
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
