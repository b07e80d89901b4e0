// SPDX-License-Identifier: MIT
// What a bug check says, and to whom.
#include "nt/ke/bug_check.h"

#include <bugcodes.h>

#include <cstdio>
#include <cstdlib>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using BugCheckTest = ExecutiveTest;

TEST_F(BugCheckTest, NamesItsCodeTheIrqlAndTheThread) {
    EXPECT_DEATH(KeBugCheckEx(MANUALLY_INITIATED_CRASH, 0x11, 2, 3, 4),
                 "bug check 0x000000E2 MANUALLY_INITIATED_CRASH"
                 "(.|\n)*parameter 1: 0x0000000000000011"
                 "(.|\n)*IRQL 0, thread .*attached"
                 "(.|\n)*stack:\n *0  ");
}

TEST_F(BugCheckTest, OfABrokenRuleShowsBothStacks) {
    EXPECT_DEATH(
        {
            const ke::Stack earlier = ke::Stack::capture();
            ke::broken_rule(
                "irp-completed-twice", "An IRP was completed twice.", 1, &earlier, "first here");
        },
        "DRIVER_VERIFIER_DETECTED_VIOLATION(.|\n)*rule: irp-completed-twice"
        "(.|\n)*An IRP was completed twice.(.|\n)*stack:(.|\n)*first here:\n *0  ");
}

TEST_F(BugCheckTest, GoesToTheHandlerOfTheMachine) {
    system().bug_check_handler = [](const BugCheck& check) {
        std::fprintf(stderr, "handled %s", check.name.c_str());
        std::_Exit(check.code == SPIN_LOCK_NOT_OWNED && !check.text.empty() ? 7 : 8);
    };
    EXPECT_EXIT(KeBugCheck(SPIN_LOCK_NOT_OWNED), testing::ExitedWithCode(7), "handled SPIN_LOCK");
}

TEST_F(BugCheckTest, InsideTheHandlerEndsTheProcess) {
    system().bug_check_handler = [](const BugCheck&) { KeBugCheck(1); };
    EXPECT_DEATH(KeBugCheck(2), "inside a bug check");
}

TEST(BugCheckName, OfAnUnknownCodeIsUnknown) {
    EXPECT_STREQ(ke::bug_check_name(IRQL_NOT_LESS_OR_EQUAL), "IRQL_NOT_LESS_OR_EQUAL");
    EXPECT_STREQ(ke::bug_check_name(0x12345678), "unknown");
}

TEST(BugCheckWithoutAMachine, IsPrinted) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(KeBugCheck(MANUALLY_INITIATED_CRASH), "a thread of no machine");
}

TEST(SystemCurrent, WithoutAMachineSaysHowToGetOne) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(PsGetCurrentThread(), "belongs to no machine(.|\n)*Attachment");
}

}  // namespace
}  // namespace owsk::nt
