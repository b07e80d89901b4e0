// SPDX-License-Identifier: MIT
// Timers: one-shot, periodic, with a DPC, cancelled, left behind.
#include <gmock/gmock.h>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using KeTimer = ExecutiveTest;
using testing::ElementsAre;
using testing::HasSubstr;

LARGE_INTEGER in_ms(LONGLONG ms) {
    LARGE_INTEGER due;
    due.QuadPart = -ms * 10'000;
    return due;
}

constexpr LONGLONG hour_ms = 3'600'000;

NTSTATUS wait(PVOID object, LARGE_INTEGER timeout) {
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &timeout);
}

TEST_F(KeTimer, IsSignalledWhenItsTimeHasCome) {
    KTIMER timer;
    KeInitializeTimer(&timer);
    const ULONGLONG before = KeQueryInterruptTime();
    EXPECT_FALSE(KeSetTimer(&timer, in_ms(5), nullptr));
    EXPECT_FALSE(KeReadStateTimer(&timer));
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
    EXPECT_GE(KeQueryInterruptTime() - before, 50'000U);
    EXPECT_TRUE(KeReadStateTimer(&timer)) << "a notification timer stays signalled";
    EXPECT_FALSE(KeCancelTimer(&timer));
}

TEST_F(KeTimer, ThatIsDueAlreadyIsSignalledAtOnce) {
    KTIMER timer;
    KeInitializeTimerEx(&timer, SynchronizationTimer);
    LARGE_INTEGER past;
    past.QuadPart = 1;
    KeSetTimer(&timer, past, nullptr);
    EXPECT_TRUE(KeReadStateTimer(&timer));
    EXPECT_EQ(wait(&timer, {}), STATUS_SUCCESS);
    EXPECT_FALSE(KeReadStateTimer(&timer)) << "a wait resets a synchronization timer";
}

TEST_F(KeTimer, SetAgainMovesIt) {
    KTIMER timer;
    KeInitializeTimer(&timer);
    EXPECT_FALSE(KeSetTimer(&timer, in_ms(hour_ms), nullptr));
    EXPECT_TRUE(KeSetTimer(&timer, in_ms(2), nullptr));
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
}

TEST_F(KeTimer, SetAgainAfterItHasExpiredItIsNotSignalledUntilThen) {
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(1), nullptr);
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
    EXPECT_FALSE(KeSetTimer(&timer, in_ms(hour_ms), nullptr)) << "it is no longer set";
    EXPECT_FALSE(KeReadStateTimer(&timer));
    EXPECT_EQ(wait(&timer, {}), STATUS_TIMEOUT);
    EXPECT_TRUE(KeSetTimer(&timer, in_ms(1), nullptr));
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
}

TEST_F(KeTimer, CancelledDoesNotExpire) {
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(hour_ms), nullptr);
    EXPECT_TRUE(KeCancelTimer(&timer));
    EXPECT_FALSE(KeCancelTimer(&timer));
    EXPECT_FALSE(KeReadStateTimer(&timer));
}

TEST_F(KeTimer, AnEarlierOneOvertakesALaterOne) {
    KTIMER late;
    KTIMER early;
    KeInitializeTimer(&late);
    KeInitializeTimer(&early);
    KeSetTimer(&late, in_ms(hour_ms), nullptr);
    KeSetTimer(&early, in_ms(2), nullptr);
    EXPECT_EQ(wait(&early, long_timeout()), STATUS_SUCCESS);
    EXPECT_FALSE(KeReadStateTimer(&late));
    KeCancelTimer(&late);
}

TEST_F(KeTimer, PeriodicOneExpiresAgainAndAgain) {
    KTIMER timer;
    KeInitializeTimerEx(&timer, SynchronizationTimer);
    KeSetTimerEx(&timer, in_ms(1), 1, nullptr);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
    }
    EXPECT_TRUE(KeCancelTimer(&timer));
}

TEST_F(KeTimer, APeriodicOneThatIsSetAgainWithoutAPeriodExpiresOnce) {
    KTIMER timer;
    KeInitializeTimerEx(&timer, SynchronizationTimer);
    KeSetTimerEx(&timer, in_ms(1), 1, nullptr);
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
    KeSetTimer(&timer, in_ms(1), nullptr);
    EXPECT_EQ(wait(&timer, long_timeout()), STATUS_SUCCESS);
    EXPECT_FALSE(KeCancelTimer(&timer)) << "it is set no more";
}

TEST_F(KeTimer, QueuesItsDpc) {
    struct Shared {
        KEVENT called;
        KIRQL irql = 99;
    } shared;
    KeInitializeEvent(&shared.called, NotificationEvent, FALSE);
    KDPC dpc;
    KeInitializeDpc(
        &dpc,
        [](PKDPC, PVOID context, PVOID, PVOID) NTAPI {
            static_cast<Shared*>(context)->irql = KeGetCurrentIrql();
            KeSetEvent(&static_cast<Shared*>(context)->called, IO_NO_INCREMENT, FALSE);
        },
        &shared);
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(1), &dpc);
    EXPECT_EQ(wait(&shared.called, long_timeout()), STATUS_SUCCESS);
    EXPECT_EQ(shared.irql, DISPATCH_LEVEL);
}

TEST_F(KeTimer, LeftBehindIsReported) {
    expect_leaks();
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(hour_ms), nullptr);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(), ElementsAre(HasSubstr("timer: still set, without a DPC")));
    KeCancelTimer(&timer);
}

NTAPI void on_leaked_timer(PKDPC, PVOID, PVOID, PVOID) {}

TEST_F(KeTimer, LeftBehindIsReportedByTheRoutineOfItsDpc) {
    expect_leaks();
    KDPC dpc;
    KeInitializeDpc(&dpc, on_leaked_timer, nullptr);
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(hour_ms), &dpc);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(), ElementsAre(HasSubstr("on_leaked_timer")));
    KeCancelTimer(&timer);
}

}  // namespace
}  // namespace owsk::nt
