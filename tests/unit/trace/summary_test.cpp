// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <openwsk/summary.h>

namespace owsk::trace {
namespace {

TEST(Summary, CountsWhatIsFinal) {
    Summary summary;
    summary.connection_accepted({{}, {}, probe::AcceptPath::irp});
    summary.request_judged({{}, {}, probe::Verdict::pended, false});
    summary.request_judged({{}, {}, probe::Verdict::rejected, true});
    summary.request_aborted({});
    summary.connection_declined({});
    summary.connection_closed({{}, {}, 10, 20});
    summary.connection_closed({{}, {}, 1, 2});
    EXPECT_EQ(summary.line(),
              "summary: 1 connection accepted, 1 rejected, 1 aborted, 1 declined; "
              "11 bytes received, 22 bytes sent; no leaks");
}

TEST(Summary, CountsLeaks) {
    Summary summary;
    summary.leak({"pool block", "64 bytes"});
    EXPECT_EQ(summary.leaks(), 1u);
    EXPECT_TRUE(summary.line().ends_with("; 1 leak"));
}

}  // namespace
}  // namespace owsk::trace
