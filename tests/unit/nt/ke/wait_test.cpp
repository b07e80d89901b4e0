// SPDX-License-Identifier: MIT
// Waits: for one object or several, with and without a timeout, and where they are not allowed.
#include <array>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/ke/waiters.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using KeWait = ExecutiveTest;

struct TwoEvents {
    KEVENT first;
    KEVENT second;
    std::array<PVOID, 2> objects{&first, &second};

    explicit TwoEvents(EVENT_TYPE type) {
        KeInitializeEvent(&first, type, FALSE);
        KeInitializeEvent(&second, type, FALSE);
    }
    NTSTATUS wait(WAIT_TYPE type, PLARGE_INTEGER timeout) {
        return KeWaitForMultipleObjects(
            2, objects.data(), type, Executive, KernelMode, FALSE, timeout, nullptr);
    }
};

void set(KEVENT& event) {
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
}

TEST_F(KeWait, TimesOutNoEarlierThanItsTimeout) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    const ULONGLONG before = KeQueryInterruptTime();
    LARGE_INTEGER timeout;
    timeout.QuadPart = -50'000;
    EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout),
              STATUS_TIMEOUT);
    EXPECT_GE(KeQueryInterruptTime() - before, 50'000U);
}

// Threads that wait for several objects, and for one of them alone, in the list of that one.
TEST_F(KeWait, AWaiterWhoNeedsMoreDoesNotHoldUpThoseBehindIt) {
    TwoEvents events(SynchronizationEvent);
    struct Shared {
        TwoEvents& events;
        LARGE_INTEGER timeout;
        NTSTATUS all = STATUS_UNSUCCESSFUL;
        NTSTATUS one = STATUS_UNSUCCESSFUL;
    } shared{events, long_timeout()};
    SystemThread needs_both;
    needs_both.start(
        [](PVOID context) NTAPI {
            auto& mine = *static_cast<Shared*>(context);
            mine.all = mine.events.wait(WaitAll, &mine.timeout);
        },
        &shared);
    wait_for_waiters(events.first.Header, 1);
    SystemThread needs_one;
    needs_one.start(
        [](PVOID context) NTAPI {
            auto& mine = *static_cast<Shared*>(context);
            mine.one = KeWaitForSingleObject(
                &mine.events.first, Executive, KernelMode, FALSE, &mine.timeout);
        },
        &shared);
    wait_for_waiters(events.first.Header, 2);
    set(events.first);
    needs_one.join();
    EXPECT_EQ(shared.one, STATUS_SUCCESS);
    set(events.first);
    set(events.second);
    needs_both.join();
    EXPECT_EQ(shared.all, STATUS_SUCCESS);
}

TEST_F(KeWait, TimesOutAtAnAbsoluteTime) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    LARGE_INTEGER until;
    KeQuerySystemTime(&until);
    EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &until), STATUS_TIMEOUT);
    until.QuadPart += 20'000;
    EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &until), STATUS_TIMEOUT);
    LARGE_INTEGER now;
    KeQuerySystemTime(&now);
    EXPECT_GE(now.QuadPart, until.QuadPart);
}

TEST_F(KeWait, TheLongestTimeoutsDoNotOverflow) {
    KEVENT event;
    for (const LONGLONG due : {INT64_MIN, INT64_MAX, INT64_MIN + 1}) {
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        SystemThread setter;
        setter.start([](PVOID context) NTAPI { set(*static_cast<KEVENT*>(context)); }, &event);
        LARGE_INTEGER timeout;
        timeout.QuadPart = due;
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout),
                  STATUS_SUCCESS);
        setter.join();
    }
}

TEST_F(KeWait, ForAnyTellsWhichObjectEndedIt) {
    TwoEvents events(SynchronizationEvent);
    set(events.second);
    EXPECT_EQ(events.wait(WaitAny, nullptr), STATUS_WAIT_1);
    set(events.first);
    set(events.second);
    EXPECT_EQ(events.wait(WaitAny, nullptr), STATUS_WAIT_0);
    EXPECT_NE(KeReadStateEvent(&events.second), 0) << "only the first one is consumed";
}

TEST_F(KeWait, ForAllTakesNothingBeforeItCanTakeEverything) {
    TwoEvents events(SynchronizationEvent);
    set(events.first);
    LARGE_INTEGER timeout = {};
    EXPECT_EQ(events.wait(WaitAll, &timeout), STATUS_TIMEOUT);
    EXPECT_NE(KeReadStateEvent(&events.first), 0);
    set(events.second);
    EXPECT_EQ(events.wait(WaitAll, &timeout), STATUS_SUCCESS);
    EXPECT_EQ(KeReadStateEvent(&events.first), 0);
    EXPECT_EQ(KeReadStateEvent(&events.second), 0);
}

TEST_F(KeWait, ForAllIsEndedByTheLastObject) {
    TwoEvents events(SynchronizationEvent);
    SystemThread setter;
    setter.start(
        [](PVOID context) NTAPI {
            auto& both = *static_cast<TwoEvents*>(context);
            set(both.second);
            set(both.first);
        },
        &events);
    LARGE_INTEGER timeout = long_timeout();
    EXPECT_EQ(events.wait(WaitAll, &timeout), STATUS_SUCCESS);
    setter.join();
}

TEST_F(KeWait, ThatTimedOutLeavesNothingOnTheObject) {
    TwoEvents events(SynchronizationEvent);
    LARGE_INTEGER timeout;
    timeout.QuadPart = -10'000;
    EXPECT_EQ(events.wait(WaitAny, &timeout), STATUS_TIMEOUT);
    EXPECT_TRUE(IsListEmpty(&events.first.Header.WaitListHead));
    EXPECT_TRUE(IsListEmpty(&events.second.Header.WaitListHead));
    set(events.second);
    EXPECT_NE(KeReadStateEvent(&events.second), 0);
}

TEST_F(KeWait, ForManyObjectsUsesTheCallersBlocks) {
    std::array<KEVENT, MAXIMUM_WAIT_OBJECTS> events;
    std::array<PVOID, MAXIMUM_WAIT_OBJECTS> objects;
    std::array<KWAIT_BLOCK, MAXIMUM_WAIT_OBJECTS> blocks;
    for (std::size_t i = 0; i < events.size(); ++i) {
        KeInitializeEvent(&events[i], NotificationEvent, FALSE);
        objects[i] = &events[i];
    }
    SystemThread setter;
    setter.start([](PVOID context) NTAPI { set(*static_cast<KEVENT*>(context)); }, &events[63]);
    EXPECT_EQ(KeWaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS,
                                       objects.data(),
                                       WaitAny,
                                       Executive,
                                       KernelMode,
                                       FALSE,
                                       nullptr,
                                       blocks.data()),
              STATUS_WAIT_63);
    setter.join();
}

TEST_F(KeWait, ForFourObjectsWithoutBlocksIsABugCheck) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, TRUE);
    std::array<PVOID, 4> objects{&event, &event, &event, &event};
    EXPECT_DEATH(
        KeWaitForMultipleObjects(
            4, objects.data(), WaitAny, Executive, KernelMode, FALSE, nullptr, nullptr),
        "bug check 0x0000000C MAXIMUM_WAIT_OBJECTS_EXCEEDED\n.*rule: waited-for-none-or-too-many");
    EXPECT_DEATH(KeWaitForMultipleObjects(
                     0, objects.data(), WaitAny, Executive, KernelMode, FALSE, nullptr, nullptr),
                 "rule: waited-for-none-or-too-many");
}

TEST_F(KeWait, AtDispatchLevelIsABugCheck) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, TRUE);
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr);
        },
        "IRQL_NOT_LESS_OR_EQUAL(.|\n)*rule: waited-at-dispatch-level"
        "(.|\n)*KeWaitForSingleObject was called at IRQL 2");
}

TEST_F(KeWait, InADpcIsABugCheck) {
    EXPECT_DEATH(
        {
            KDPC dpc;
            KeInitializeDpc(
                &dpc,
                [](PKDPC, PVOID, PVOID, PVOID) NTAPI {
                    LARGE_INTEGER interval;
                    interval.QuadPart = -1;
                    KeDelayExecutionThread(KernelMode, FALSE, &interval);
                },
                nullptr);
            KeInsertQueueDpc(&dpc, nullptr, nullptr);
            KeFlushQueuedDpcs();
        },
        "ATTEMPTED_SWITCH_FROM_DPC(.|\n)*rule: waited-in-dpc");
}

TEST_F(KeWait, DelayLastsAtLeastItsInterval) {
    const ULONGLONG before = KeQueryInterruptTime();
    LARGE_INTEGER interval;
    interval.QuadPart = -30'000;
    EXPECT_EQ(KeDelayExecutionThread(KernelMode, FALSE, &interval), STATUS_SUCCESS);
    EXPECT_GE(KeQueryInterruptTime() - before, 30'000U);
}

}  // namespace
}  // namespace owsk::nt
