// SPDX-License-Identifier: MIT
// System threads: how they begin, how they end, and what is left of them.
#include <gmock/gmock.h>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using PsThread = ExecutiveTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(PsThread, RunsAtPassiveLevelAsItself) {
    struct Shared {
        KIRQL irql = 99;
        PVOID thread = nullptr;
        HANDLE id = nullptr;
        HANDLE process = nullptr;
    } shared;
    SystemThread thread;
    thread.start(
        [](PVOID context) NTAPI {
            auto& seen = *static_cast<Shared*>(context);
            seen = {.irql = KeGetCurrentIrql(),
                    .thread = PsGetCurrentThread(),
                    .id = PsGetCurrentThreadId(),
                    .process = PsGetCurrentProcessId()};
        },
        &shared);
    PVOID const object = thread.object();
    thread.join();
    EXPECT_EQ(shared.irql, PASSIVE_LEVEL);
    EXPECT_EQ(shared.thread, object);
    EXPECT_NE(shared.id, PsGetCurrentThreadId());
    EXPECT_EQ(shared.process, PsGetCurrentProcessId());
    EXPECT_NE(PVOID(PsGetCurrentThread()), object);
}

TEST_F(PsThread, EndsInTheMiddleWhenTerminated) {
    struct Shared {
        bool before = false;
        bool after = false;
    } shared;
    SystemThread thread;
    thread.start(
        [](PVOID context) NTAPI {
            static_cast<Shared*>(context)->before = true;
            PsTerminateSystemThread(STATUS_CANCELLED);
            static_cast<Shared*>(context)->after = true;
        },
        &shared);
    thread.join();
    EXPECT_TRUE(shared.before);
    EXPECT_FALSE(shared.after);
}

TEST_F(PsThread, ThatTheDriverDidNotMakeCannotBeTerminated) {
    EXPECT_EQ(PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER);
}

TEST_F(PsThread, CanBeWaitedForByItsHandle) {
    HANDLE handle = nullptr;
    CLIENT_ID id = {};
    ASSERT_EQ(PsCreateSystemThread(
                  &handle, THREAD_ALL_ACCESS, nullptr, nullptr, &id, [](PVOID) NTAPI {}, nullptr),
              STATUS_SUCCESS);
    LARGE_INTEGER timeout = long_timeout();
    EXPECT_EQ(ZwWaitForSingleObject(handle, FALSE, &timeout), STATUS_SUCCESS);
    EXPECT_NE(id.UniqueThread, nullptr);
    EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
}

TEST_F(PsThread, ThatEndsAtARaisedIrqlIsABugCheck) {
    EXPECT_DEATH(
        {
            SystemThread thread;
            thread.start([](PVOID) NTAPI { KeRaiseIrqlToDpcLevel(); }, nullptr);
            thread.join();
        },
        "IRQL_GT_ZERO_AT_SYSTEM_SERVICE\n.*rule: irql-changed-by-thread-routine\n.*returned at "
        "IRQL 2");
}

TEST_F(PsThread, ThatEndsInACriticalRegionIsABugCheck) {
    EXPECT_DEATH(
        {
            SystemThread thread;
            thread.start([](PVOID) NTAPI { KeEnterCriticalRegion(); }, nullptr);
            thread.join();
        },
        "KERNEL_APC_PENDING_DURING_EXIT\n.*rule: thread-ended-in-critical-region"
        "(.|\n)*parameter 2: 0x0000000000000001  APC disable count");
}

TEST_F(PsThread, ThatLeavesACriticalRegionWithoutHavingEnteredItIsABugCheck) {
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
    EXPECT_DEATH(KeLeaveCriticalRegion(), "rule: critical-region-left-but-not-entered");
}

TEST_F(PsThread, ThatStillRunsIsALeakAndOneThatEndedIsNone) {
    expect_leaks();
    KEVENT end;
    KeInitializeEvent(&end, NotificationEvent, FALSE);
    SystemThread thread;
    thread.start(
        [](PVOID context)
            NTAPI { KeWaitForSingleObject(context, Executive, KernelMode, FALSE, nullptr); },
        &end);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(), ElementsAre(HasSubstr("still runs")));
    KeSetEvent(&end, IO_NO_INCREMENT, FALSE);
    thread.join();
    EXPECT_EQ(system().report_leaks(), 0U);
}

TEST_F(PsThread, ManyMayComeAndGo) {
    std::atomic<int> count = 0;
    for (int round = 0; round < 20; ++round) {
        SystemThread threads[4];
        for (SystemThread& thread : threads) {
            thread.start([](PVOID context) NTAPI { ++*static_cast<std::atomic<int>*>(context); },
                         &count);
        }
        for (SystemThread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(count, 80);
}

}  // namespace
}  // namespace owsk::nt
