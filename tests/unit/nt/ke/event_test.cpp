// SPDX-License-Identifier: MIT
// Events: their states, and who is let go by them.
#include "unit/nt/executive_fixture.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using KeEvent = ExecutiveTest;

LARGE_INTEGER no_time() {
    return {};
}

bool is_signalled(PVOID object) {
    LARGE_INTEGER timeout = no_time();
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &timeout) == STATUS_SUCCESS;
}

TEST_F(KeEvent, SetReturnsThePreviousState) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    EXPECT_EQ(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
    EXPECT_NE(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
    EXPECT_NE(KeReadStateEvent(&event), 0);
    EXPECT_NE(KeResetEvent(&event), 0);
    EXPECT_EQ(KeResetEvent(&event), 0);
}

TEST_F(KeEvent, NotificationEventStaysSignalledAfterAWait) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, TRUE);
    EXPECT_TRUE(is_signalled(&event));
    EXPECT_TRUE(is_signalled(&event));
    KeClearEvent(&event);
    EXPECT_FALSE(is_signalled(&event));
}

TEST_F(KeEvent, SynchronizationEventIsResetByAWait) {
    KEVENT event;
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    EXPECT_TRUE(is_signalled(&event));
    EXPECT_FALSE(is_signalled(&event));
}

TEST_F(KeEvent, CanBeSetAtDispatchLevel) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
    EXPECT_TRUE(is_signalled(&event));
    KeLowerIrql(irql);
}

TEST_F(KeEvent, OnTheStackOfAWaiterMayBeGoneAsSoonAsTheWaitReturns) {
    struct Round {
        KEVENT* event;
        static VOID NTAPI set(PVOID context) {
            KeSetEvent(static_cast<Round*>(context)->event, IO_NO_INCREMENT, FALSE);
        }
    };
    for (int i = 0; i < 200; ++i) {
        SystemThread setter;
        {
            const auto event = std::make_unique<KEVENT>();
            KeInitializeEvent(event.get(), NotificationEvent, FALSE);
            Round round{event.get()};
            setter.start(&Round::set, &round);
            ASSERT_EQ(KeWaitForSingleObject(event.get(), Executive, KernelMode, FALSE, nullptr),
                      STATUS_SUCCESS);
        }
        setter.join();
    }
}

TEST_F(KeEvent, SynchronizationEventLetsOneThreadGoAtATime) {
    struct Shared {
        KEVENT ball;
        KEVENT back;
        static VOID NTAPI take_one(PVOID context) {
            auto& shared = *static_cast<Shared*>(context);
            KeWaitForSingleObject(&shared.ball, Executive, KernelMode, FALSE, nullptr);
            KeSetEvent(&shared.back, IO_NO_INCREMENT, FALSE);
        }
    } shared;
    KeInitializeEvent(&shared.ball, SynchronizationEvent, FALSE);
    KeInitializeEvent(&shared.back, SynchronizationEvent, FALSE);
    SystemThread threads[4];
    for (SystemThread& thread : threads) {
        thread.start(&Shared::take_one, &shared);
    }
    for (int i = 0; i < 4; ++i) {
        KeSetEvent(&shared.ball, IO_NO_INCREMENT, FALSE);
        LARGE_INTEGER timeout = long_timeout();
        ASSERT_EQ(KeWaitForSingleObject(&shared.back, Executive, KernelMode, FALSE, &timeout),
                  STATUS_SUCCESS);
        EXPECT_FALSE(is_signalled(&shared.ball));
        EXPECT_FALSE(is_signalled(&shared.back));
    }
    for (SystemThread& thread : threads) {
        thread.join();
    }
}

TEST_F(KeEvent, ThatWasNeverInitialisedIsABugCheck) {
    KEVENT event = {};
    EXPECT_DEATH(KeSetEvent(&event, IO_NO_INCREMENT, FALSE),
                 "rule: dispatcher-object-not-initialized");
}

}  // namespace
}  // namespace owsk::nt
