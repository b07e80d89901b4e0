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
            ke::broken_rule(Rule::device_deleted_twice,
                            "A device was deleted twice.",
                            1,
                            &earlier,
                            "first here");
        },
        "DRIVER_VERIFIER_DETECTED_VIOLATION(.|\n)*rule: device-deleted-twice"
        "(.|\n)*A device was deleted twice.(.|\n)*stack:(.|\n)*first here:\n *0  ");
}

TEST_F(BugCheckTest, GoesToTheHandlerOfTheMachine) {
    system().bug_check_handler = [](const BugCheck& check) {
        std::fprintf(stderr, "handled %s", check.name.c_str());
        std::_Exit(check.code == SPIN_LOCK_NOT_OWNED && !check.text.empty() ? 7 : 8);
    };
    EXPECT_EXIT(KeBugCheck(SPIN_LOCK_NOT_OWNED), testing::ExitedWithCode(7), "handled SPIN_LOCK");
}

TEST_F(BugCheckTest, OfABrokenRuleTellsTheHandlerWhichItIs) {
    system().bug_check_handler = [](const BugCheck& check) {
        std::_Exit(check.rule == Rule::work_item_queued_twice && check.code == WORKER_INVALID &&
                           check.parameters[0] == 1 && check.parameters[1] == 0x1234
                       ? 7
                       : 8);
    };
    EXPECT_EXIT(ke::broken_rule(Rule::work_item_queued_twice, "Twice.", 0x1234),
                testing::ExitedWithCode(7),
                "");
}

TEST_F(BugCheckTest, OfTheDriverItselfBreaksNoRule) {
    system().bug_check_handler = [](const BugCheck& check) {
        std::_Exit(check.rule.has_value() ? 8 : 7);
    };
    EXPECT_EXIT(KeBugCheck(WORKER_INVALID), testing::ExitedWithCode(7), "");
}

// Where Windows gives no reason, the first parameter is the rule's own.
TEST_F(BugCheckTest, OfABrokenRuleHasAReasonOnlyWhereWindowsHas) {
    EXPECT_DEATH(ke::broken_rule(Rule::spin_lock_acquired_twice,
                                 {.parameters = {0x11, 0x22}, .sentence = "So."}),
                 "parameter 1: 0x0000000000000011  spin lock"
                 "(.|\n)*parameter 2: 0x0000000000000022  thread that owns it");
    EXPECT_DEATH(ke::broken_rule(Rule::memory_freed_under_request,
                                 {.parameters = {0x11, 0x22}, .sentence = "So."}),
                 "parameter 1: 0x00000000006B7377  reason: not one of Windows"
                 "(.|\n)*parameter 2: 0x0000000000000011  object"
                 "(.|\n)*parameter 3: 0x0000000000000022");
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
    EXPECT_DEATH(KeBugCheck(MANUALLY_INITIATED_CRASH), "a thread that belongs to no machine");
}

TEST(SystemCurrent, WithoutAMachineSaysHowToGetOne) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(PsGetCurrentThread(), "belongs to no machine(.|\n)*Attachment");
}

}  // namespace
}  // namespace owsk::nt
