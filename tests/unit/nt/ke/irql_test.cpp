// SPDX-License-Identifier: MIT
// The IRQL, and spin locks, which raise it.
#include "unit/nt/executive_fixture.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using KeIrql = ExecutiveTest;
using KeSpinLock = ExecutiveTest;

TEST_F(KeIrql, RaisingReturnsTheOldOne) {
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    KIRQL first;
    KeRaiseIrql(APC_LEVEL, &first);
    KIRQL second;
    KeRaiseIrql(DISPATCH_LEVEL, &second);
    EXPECT_EQ(first, PASSIVE_LEVEL);
    EXPECT_EQ(second, APC_LEVEL);
    KeLowerIrql(second);
    EXPECT_EQ(KeGetCurrentIrql(), APC_LEVEL);
    KeLowerIrql(first);
}

TEST_F(KeIrql, BelongsToItsThread) {
    const KIRQL irql = KeRaiseIrqlToDpcLevel();
    KIRQL other = 99;
    KeLowerIrql(irql);
    SystemThread thread;
    thread.start([](PVOID context) NTAPI { *static_cast<KIRQL*>(context) = KeGetCurrentIrql(); },
                 &other);
    thread.join();
    EXPECT_EQ(other, PASSIVE_LEVEL);
}

TEST_F(KeIrql, RaisingDownwardsIsABugCheck) {
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            KeRaiseIrql(PASSIVE_LEVEL, &irql);
        },
        "bug check 0x00000009 IRQL_NOT_GREATER_OR_EQUAL(.|\n)*rule: irql-raised-downwards");
}

TEST_F(KeIrql, LoweringUpwardsIsABugCheck) {
    EXPECT_DEATH(KeLowerIrql(DISPATCH_LEVEL),
                 "bug check 0x0000000A IRQL_NOT_LESS_OR_EQUAL(.|\n)*rule: irql-lowered-upwards");
}

TEST_F(KeIrql, LoweringItInADpcIsABugCheck) {
    EXPECT_DEATH(
        {
            KDPC dpc;
            KeInitializeDpc(
                &dpc,
                [](PKDPC, PVOID, PVOID, PVOID) NTAPI {
                    KeLowerIrql(PASSIVE_LEVEL);
                    KeRaiseIrqlToDpcLevel();
                },
                nullptr);
            KeInsertQueueDpc(&dpc, nullptr, nullptr);
            KeFlushQueuedDpcs();
        },
        "rule: irql-lowered-in-callback(.|\n)*parameter 1: 0x0000000000000031  reason"
        "(.|\n)*parameter 3: 0x0000000000000000  IRQL asked for");
}

TEST_F(KeSpinLock, RaisesToDispatchLevelWhileHeld) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT_FALSE(KeTestSpinLock(&lock));
    KeReleaseSpinLock(&lock, irql);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    EXPECT_TRUE(KeTestSpinLock(&lock));
}

TEST_F(KeSpinLock, QueuedOneWorksWithAPlainOne) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    KLOCK_QUEUE_HANDLE handle;
    KeAcquireInStackQueuedSpinLock(&lock, &handle);
    EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT_FALSE(KeTestSpinLock(&lock));
    KeReleaseInStackQueuedSpinLock(&handle);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    EXPECT_TRUE(KeTestSpinLock(&lock));
}

TEST_F(KeSpinLock, KeepsOtherThreadsOut) {
    struct Shared {
        KSPIN_LOCK lock;
        int count = 0;
        static VOID NTAPI add(PVOID context) {
            auto& shared = *static_cast<Shared*>(context);
            for (int i = 0; i < 2000; ++i) {
                KIRQL irql;
                KeAcquireSpinLock(&shared.lock, &irql);
                ++shared.count;
                KeReleaseSpinLock(&shared.lock, irql);
            }
        }
    } shared;
    KeInitializeSpinLock(&shared.lock);
    SystemThread threads[3];
    for (SystemThread& thread : threads) {
        thread.start(&Shared::add, &shared);
    }
    for (SystemThread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(shared.count, 6000);
}

TEST_F(KeSpinLock, AcquiredTwiceByOneThreadIsABugCheck) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeAcquireSpinLock(&lock, &irql);
            KeAcquireSpinLock(&lock, &irql);
        },
        "SPIN_LOCK_ALREADY_OWNED(.|\n)*rule: spin-lock-acquired-twice");
}

TEST_F(KeSpinLock, ReleasedWhenFreeIsABugCheck) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    EXPECT_DEATH(
        {
            KeRaiseIrqlToDpcLevel();
            KeReleaseSpinLock(&lock, PASSIVE_LEVEL);
        },
        "SPIN_LOCK_NOT_OWNED(.|\n)*rule: spin-lock-released-by-another-thread\n.*nobody holds");
}

TEST_F(KeSpinLock, AtDpcLevelNeedsDispatchLevel) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    EXPECT_DEATH(KeAcquireSpinLockAtDpcLevel(&lock),
                 "rule: function-called-below-its-irql\n.*"
                 "KeAcquireSpinLockAtDpcLevel was called at IRQL 0");
}

}  // namespace
}  // namespace owsk::nt
