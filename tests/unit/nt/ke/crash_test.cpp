// SPDX-License-Identifier: MIT
// What the processor finds in a program, and what becomes of the process.
#include "nt/ke/crash.h"

#include <bugcodes.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "nt/ke/crash_signals.h"
#include "unit/nt/executive_fixture.h"

// Only where a sanitizer is linked.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace owsk::nt {
namespace {

using testing::ExitedWithCode;
using testing::KilledBySignal;

class CrashTest : public ExecutiveTest {
  protected:
    void SetUp() override {
        if (__sanitizer_set_death_callback != nullptr) {
            GTEST_SKIP() << "a sanitizer has its own handlers";
        }
    }
};

[[gnu::noinline]] void fail_to_allocate() {
    throw std::bad_alloc();
}

[[gnu::noinline]] void follow_a_wild_pointer() {
    *reinterpret_cast<volatile int*>(0x1230) = 1;
}

TEST_F(CrashTest, IsReportedAndEndsTheProcessByItsSignal) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            follow_a_wild_pointer();
        },
        KilledBySignal(SIGSEGV),
        "bug check 0x00000050 PAGE_FAULT_IN_NONPAGED_AREA"
        "(.|\n)*wrote to address 0x1230"
        "(.|\n)*parameter 2: 0x0000000000000001"
        "(.|\n)*IRQL 0, thread .*attached"
        "(.|\n)* 0  .*follow_a_wild_pointer");
}

TEST_F(CrashTest, AtDispatchLevelHasAnotherCode) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            follow_a_wild_pointer();
        },
        KilledBySignal(SIGSEGV),
        "DRIVER_IRQL_NOT_LESS_OR_EQUAL(.|\n)*parameter 2: 0x0000000000000002(.|\n)*IRQL 2");
}

TEST_F(CrashTest, GoesToTheHandlerOfTheMachineWithItsSignal) {
    system().bug_check_handler = [](const BugCheck& check) {
        std::fprintf(stderr, "handled %s", check.name.c_str());
        std::_Exit(check.signal == SIGSEGV ? 7 : 8);
    };
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            follow_a_wild_pointer();
        },
        ExitedWithCode(7),
        "handled PAGE_FAULT");
}

TEST_F(CrashTest, AReportThatHangsIsEndedByAnAlarm) {
    system().bug_check_handler = [](const BugCheck&) {
        for (;;) {
            ::pause();
        }
    };
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            follow_a_wild_pointer();
        },
        ExitedWithCode(3),
        "could not be completed: signal 11(.|\n)*follow_a_wild_pointer|could not be completed");
}

TEST_F(CrashTest, ACrashInTheReportEndsTheProcessAtOnce) {
    system().bug_check_handler = [](const BugCheck&) { follow_a_wild_pointer(); };
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            follow_a_wild_pointer();
        },
        ExitedWithCode(3),
        "could not be completed: signal 11");
}

TEST_F(CrashTest, WhileALockOfOursIsHeldIsReported) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            const Lock lock(system().dispatcher.mu);
            follow_a_wild_pointer();
        },
        KilledBySignal(SIGSEGV),
        "PAGE_FAULT_IN_NONPAGED_AREA(.|\n)*follow_a_wild_pointer");
}

TEST_F(CrashTest, AnAssertionOfOursIsReportedWithItsStack) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            assertion_failed("one is two", "here.cpp", 7);
        },
        KilledBySignal(SIGABRT),
        "one is two does not hold(.|\n)*KERNEL_SECURITY_CHECK_FAILURE"
        "(.|\n)*openwsk, and not the driver itself(.|\n)*assertion_failed");
}

TEST_F(CrashTest, MemoryThatEndsHasItsOwnCode) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            []() noexcept { fail_to_allocate(); }();
        },
        KilledBySignal(SIGABRT),
        "NO_PAGES_AVAILABLE(.|\n)*could not get memory");
}

TEST_F(CrashTest, ABugCheckIsReportedOnce) {
    EXPECT_EXIT(
        {
            ke::watch_crashes();
            KeBugCheck(MANUALLY_INITIATED_CRASH);
        },
        KilledBySignal(SIGABRT),
        testing::AllOf(testing::HasSubstr("bug check 0x000000E2"),
                       testing::Not(testing::HasSubstr("KERNEL_SECURITY_CHECK_FAILURE"))));
}

TEST_F(CrashTest, ASignalOfTheProgramStaysItsOwn) {
    EXPECT_EXIT(
        {
            std::signal(SIGSEGV, [](int) { std::_Exit(9); });
            ke::watch_crashes();
            follow_a_wild_pointer();
        },
        ExitedWithCode(9),
        "");
}

VOID NTAPI sleep_for_an_hour(PVOID) {
    LARGE_INTEGER hour;
    hour.QuadPart = -36'000'000'000;
    KeDelayExecutionThread(KernelMode, FALSE, &hour);
}

TEST_F(CrashTest, ASystemThreadThatOutlivesItsMachineGoesToTheHandler) {
    EXPECT_EXIT(
        {
            host::LinuxHost host(1);
            probe::Probes probes;
            Faults faults(0, false);
            {
                System left(host, probes, faults);
                left.bug_check_handler = [](const BugCheck& check) {
                    std::fputs(check.text.c_str(), stderr);
                    std::_Exit(7);
                };
                host.start([&left] { left.enter_processor(); });
                const ThreadScope scope(left);
                HANDLE thread;
                PsCreateSystemThread(&thread,
                                     THREAD_ALL_ACCESS,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     sleep_for_an_hour,
                                     nullptr);
                ZwClose(thread);
            }
        },
        ExitedWithCode(7),
        "system-thread-outlived-machine");
}

}  // namespace
}  // namespace owsk::nt
