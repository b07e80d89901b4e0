// SPDX-License-Identifier: MIT
// Rundown protection: counts who uses an object, and lets one thread wait for the last of them.
#include <wdm.h>

#include <atomic>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"

using namespace owsk;
using namespace owsk::nt;

namespace {

// The count moves in steps of two; the lowest bit says that rundown has begun. From then on the
// other bits are the address of this block, on the stack of the thread that waits.
struct Waiter {
    std::atomic<ULONG_PTR> left;
    KEVENT event;
};

constexpr ULONG_PTR active = 1;
constexpr ULONG_PTR step = 2;

std::atomic_ref<ULONG_PTR> count_of(PEX_RUNDOWN_REF ref) noexcept {
    return std::atomic_ref<ULONG_PTR>(const_cast<ULONG_PTR&>(ref->Count));
}

bool acquire(PEX_RUNDOWN_REF ref) noexcept {
    pass(Point::spin_lock);
    std::atomic_ref<ULONG_PTR> word = count_of(ref);
    ULONG_PTR seen = word.load();
    while ((seen & active) == 0) {
        if (word.compare_exchange_weak(seen, seen + step)) {
            return true;
        }
    }
    return false;
}

[[noreturn]] void released_too_often(PEX_RUNDOWN_REF ref) noexcept {
    ke::broken_rule(
        owsk::Rule::rundown_released_too_often,
        "ExReleaseRundownProtection was called more often than protection was acquired.",
        reinterpret_cast<ULONG_PTR>(ref));
}

void release(PEX_RUNDOWN_REF ref) noexcept {
    pass(Point::spin_lock);
    std::atomic_ref<ULONG_PTR> word = count_of(ref);
    ULONG_PTR seen = word.load();
    while ((seen & active) == 0) {
        if (seen < step) {
            released_too_often(ref);
        }
        if (word.compare_exchange_weak(seen, seen - step)) {
            return;
        }
    }
    if (seen == active) {
        released_too_often(ref);
    }
    Waiter* waiter = reinterpret_cast<Waiter*>(seen & ~active);
    if (waiter->left.fetch_sub(1) == 1) {
        KeSetEvent(&waiter->event, IO_NO_INCREMENT, FALSE);
    }
}

}  // namespace

// ExInitializeRundownProtection: nobody uses the object, anybody may.
extern "C" VOID NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) {
    count_of(RunRef).store(0);
}

// ExReInitializeRundownProtection: the same after a rundown.
extern "C" VOID NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) {
    count_of(RunRef).store(0);
}

// ExAcquireRundownProtection: FALSE if the object is being run down, and must not be used.
//
// IRQL       any
extern "C" BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef) {
    return acquire(RunRef) ? TRUE : FALSE;
}

// ExReleaseRundownProtection: ends one use.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   rundown-released-too-often
extern "C" VOID NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef) {
    release(RunRef);
}

// ExRundownCompleted: the object can be run down no more; uses stay refused.
extern "C" VOID NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef) {
    count_of(RunRef).store(active);
}

// ExWaitForRundownProtectionRelease: refuses further uses and waits for the end of those that there
// are.
//
// IRQL       <= APC_LEVEL
extern "C" VOID NTAPI ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef) {
    ke::require_irql_at_most(APC_LEVEL, "ExWaitForRundownProtectionRelease");
    pass(Point::wait);
    std::atomic_ref<ULONG_PTR> word = count_of(RunRef);
    Waiter waiter;
    KeInitializeEvent(&waiter.event, NotificationEvent, FALSE);
    ULONG_PTR seen = word.load();
    for (;;) {
        if (seen == active) {
            return;
        }
        waiter.left.store(seen / step);
        const ULONG_PTR next = seen == 0 ? active : (reinterpret_cast<ULONG_PTR>(&waiter) | active);
        if (word.compare_exchange_weak(seen, next)) {
            break;
        }
    }
    if (seen != 0) {
        ke::wait_for_one(waiter.event.Header, nullptr, "ExWaitForRundownProtectionRelease");
    }
}
