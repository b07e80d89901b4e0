// SPDX-License-Identifier: MIT
// Completion routines and callbacks of WSK do not wait, whatever the IRQL they happen to run at.
#include <functional>

#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

// A request that completes in the call, on the test's own thread at PASSIVE_LEVEL.
class WaitInCallback : public ListenerTest {
  protected:
    void in_completion_routine(std::function<void()> body) {
        EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
        const PIRP irp = IoAllocateIrp(1, FALSE);
        IoSetCompletionRoutine(irp, run, &body, TRUE, TRUE, TRUE);
        SOCKADDR_STORAGE address = {};
        functions().WskGetLocalAddress(socket(), reinterpret_cast<PSOCKADDR>(&address), irp);
        EXPECT_EQ(body, nullptr);
        IoFreeIrp(irp);
    }
    static void wait_for(KEVENT& event, LONGLONG timeout) {
        LARGE_INTEGER interval;
        interval.QuadPart = timeout;
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &interval);
    }

  private:
    static NTAPI NTSTATUS run(PDEVICE_OBJECT, PIRP, PVOID context) {
        auto& body = *static_cast<std::function<void()>*>(context);
        body();
        body = nullptr;
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
};

constexpr const char* the_rule =
    "rule: waited-in-callback(.|\n)*the completion routine of a WSK request";

TEST_F(WaitInCallback, AWaitThatHasToWaitIsNamed) {
    KEVENT never;
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    const auto wait_for_ever = [&] {
        KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, nullptr);
    };
    EXPECT_DEATH(in_completion_routine(wait_for_ever), the_rule);
    EXPECT_DEATH(in_completion_routine([&] { wait_for(never, -1); }), the_rule);
}

TEST_F(WaitInCallback, AWaitForSeveralIsNamed) {
    KEVENT events[2];
    KeInitializeEvent(&events[0], NotificationEvent, FALSE);
    KeInitializeEvent(&events[1], NotificationEvent, TRUE);
    PVOID objects[] = {&events[0], &events[1]};
    const auto wait = [&](WAIT_TYPE type) {
        KeWaitForMultipleObjects(2, objects, type, Executive, KernelMode, FALSE, nullptr, nullptr);
    };
    EXPECT_DEATH(in_completion_routine([&] { wait(WaitAll); }), the_rule);
    in_completion_routine([&] { wait(WaitAny); });
}

TEST_F(WaitInCallback, ADelayIsNamed) {
    EXPECT_DEATH(in_completion_routine([] {
                     LARGE_INTEGER interval;
                     interval.QuadPart = -1;
                     KeDelayExecutionThread(KernelMode, FALSE, &interval);
                 }),
                 "rule: waited-in-callback(.|\n)*KeDelayExecutionThread");
}

TEST_F(WaitInCallback, WhatMayHaveToWaitIsNamedThoughItWouldNot) {
    WSK_REGISTRATION block = {};
    const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_CLIENT_NPI client = {nullptr, &dispatch};
    ASSERT_EQ(WskRegister(&client, &block), STATUS_SUCCESS);
    WSK_PROVIDER_NPI npi = {};
    EXPECT_DEATH(in_completion_routine([&] { WskDeregister(&block); }),
                 "rule: waited-in-callback(.|\n)*WskDeregister");
    EXPECT_DEATH(
        in_completion_routine([&] { WskCaptureProviderNPI(&block, WSK_INFINITE_WAIT, &npi); }),
        "rule: waited-in-callback(.|\n)*WskCaptureProviderNPI");
    EXPECT_DEATH(in_completion_routine([&] { WskCaptureProviderNPI(&block, 10, &npi); }),
                 "rule: waited-in-callback(.|\n)*WskCaptureProviderNPI");
    EXPECT_DEATH(in_completion_routine([] { KeFlushQueuedDpcs(); }),
                 "rule: waited-in-callback(.|\n)*KeFlushQueuedDpcs");
    // What does not wait may be called.
    in_completion_routine([&] {
        EXPECT_EQ(WskCaptureProviderNPI(&block, WSK_NO_WAIT, &npi), STATUS_SUCCESS);
        WskReleaseProviderNPI(&block);
    });
    WskDeregister(&block);
}

TEST_F(WaitInCallback, WhatIsSatisfiedAtOnceOrNotWaitedForIsNotTold) {
    KEVENT set;
    KEVENT unset;
    KeInitializeEvent(&set, NotificationEvent, TRUE);
    KeInitializeEvent(&unset, NotificationEvent, FALSE);
    in_completion_routine([&] {
        EXPECT_EQ(KeWaitForSingleObject(&set, Executive, KernelMode, FALSE, nullptr),
                  STATUS_SUCCESS);
        wait_for(unset, 0);
        LARGE_INTEGER none = {};
        KeDelayExecutionThread(KernelMode, FALSE, &none);
    });
    // Outside again, the same thread may wait.
    wait_for(unset, -1);
}

TEST_F(WaitInCallback, TheEndOfAnInnerRoutineDoesNotEndTheOuterOne) {
    KEVENT never;
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    EXPECT_DEATH(in_completion_routine([&] {
                     in_completion_routine([] {});
                     wait_for(never, -1);
                 }),
                 the_rule);
}

}  // namespace
}  // namespace owsk::wsk
