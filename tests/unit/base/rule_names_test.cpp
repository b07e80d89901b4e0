// SPDX-License-Identifier: MIT
// What is known of a rule.
#include <bugcodes.h>
#include <gtest/gtest.h>
#include <openwsk/rules.h>

namespace owsk {
namespace {

TEST(Rules, HaveWhatTheTableSays) {
    EXPECT_STREQ(rule_name(Rule::mdl_unlocked_without_lock), "mdl-unlocked-without-lock");
    EXPECT_STREQ(rule_sentence(Rule::driver_assertion_failed),
                 "An assertion that the driver itself makes does not hold.");
    EXPECT_STREQ(rule_page(Rule::npi_released_too_often), "ddi/wsk/nf-wsk-wskreleaseprovidernpi");
    EXPECT_EQ(rule_code(Rule::mdl_unlocked_without_lock), DRIVER_VERIFIER_DETECTED_VIOLATION);
}

TEST(Rules, HaveAReasonWhereTheCodeAloneDoesNotTell) {
    EXPECT_EQ(rule_reason(Rule::mdl_unlocked_without_lock), 0x7CU);
    EXPECT_EQ(rule_reason(Rule::socket_used_after_close), reason_of_ours);
    EXPECT_EQ(rule_reason(Rule::irp_completed_twice), std::nullopt);
}

}  // namespace
}  // namespace owsk
