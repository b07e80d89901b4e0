// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <openwsk/summary.h>

namespace owsk::trace {
namespace {

TEST(Summary, CountsWhatIsFinal) {
    Summary summary;
    summary.connection_accepted({{}, {}, probe::AcceptPath::irp});
    summary.attempt_judged({{}, {}, probe::Verdict::pended, false});
    summary.attempt_judged({{}, {}, probe::Verdict::rejected, true});
    summary.attempt_aborted({});
    summary.connection_declined({});
    summary.connection_closed({{}, {}, 10, 20});
    summary.connection_closed({{}, {}, 1, 2});
    EXPECT_EQ(summary.line(),
              "summary: 1 connection accepted, 1 rejected, 1 aborted, 1 declined; "
              "11 bytes received, 22 bytes sent; no leaks");
}

TEST(Summary, SaysNothingOfLeaksBeforeTheEnd) {
    Summary summary;
    summary.connection_accepted({{}, {}, probe::AcceptPath::irp});
    EXPECT_EQ(summary.line_so_far(),
              "so far: 1 connection accepted, 0 rejected, 0 aborted, 0 declined; "
              "0 bytes received, 0 bytes sent");
}

TEST(Summary, CountsAnAttemptThatWasPendedAndAcceptedAsBoth) {
    Summary summary;
    summary.listener_bound({{}, true, "syn", ""});
    summary.attempt_judged({{}, {}, probe::Verdict::accepted, false});
    summary.attempt_judged({{}, {}, probe::Verdict::rejected, false});
    summary.attempt_judged({{}, {}, probe::Verdict::pended, false});
    summary.attempt_judged({{}, {}, probe::Verdict::pended, false});
    summary.attempt_judged({{}, {}, probe::Verdict::accepted, true});
    summary.attempt_aborted({});
    EXPECT_EQ(
        summary.gate_line({.late_inspected = 1, .retransmissions = 7, .dropped = 3}),
        "conditional accept: 4 attempts inspected (1 late), 2 pended, 2 accepted, 1 rejected, "
        "1 aborted; 7 retransmissions swallowed, 3 dropped at the bound");
    EXPECT_TRUE(summary
                    .gate_line({.late_reset = 1,
                                .invalid = 2,
                                .not_understood = 3,
                                .resets_withheld = 4,
                                .lost = 5})
                    .ends_with("0 dropped at the bound, 1 late reset unasked, "
                               "2 dropped as invalid, 3 dropped as not understood, "
                               "4 resets withheld, 5 lost in the queues of the kernel"));
}

TEST(Summary, HasNoLineOnConditionalAcceptWithoutAConditionalListener) {
    Summary summary;
    EXPECT_EQ(summary.gate_line({}), "");
    summary.listener_bound({{}, false, "", ""});
    EXPECT_EQ(summary.gate_line({}), "");
}

TEST(Summary, CountsLeaks) {
    Summary summary;
    summary.leak({"pool block", "64 bytes"});
    EXPECT_EQ(summary.leaks(), 1u);
    EXPECT_TRUE(summary.line().ends_with("; 1 leak"));
}

}  // namespace
}  // namespace owsk::trace
