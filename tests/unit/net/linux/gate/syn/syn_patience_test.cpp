// SPDX-License-Identifier: MIT
#include "net/linux/gate/syn/syn_patience.h"

#include <gtest/gtest.h>

namespace owsk::net {
namespace {

using namespace std::chrono_literals;

constexpr Instant start = Instant(1h);

SynRecord record_in_line_since(Instant since) {
    return {.attempt = nullptr,
            .neighbour = {},
            .place = {},
            .copy = PacketCopy({}),
            .rhythm = SynPatience::rhythm_of({}, since),
            .probe_due = {},
            .probe_gap = {},
            .in_line_since = since};
}

TEST(SynPatienceTest, AClientThatWasLetThroughHasASecondToAnswer) {
    const SynPatience patience;
    const SynRecord record = record_in_line_since(start);
    EXPECT_FALSE(patience.is_expendable(record, start));
    EXPECT_FALSE(patience.is_expendable(record, start + 999ms));
    EXPECT_TRUE(patience.is_expendable(record, start + 1s));
}

TEST(SynPatienceTest, WhileNothingIsAcceptedNobodyWhoWasLetThroughIsExpendable) {
    SynPatience patience;
    const SynRecord record = record_in_line_since(start);
    patience.pause();
    EXPECT_FALSE(patience.is_expendable(record, start + 1min));
    patience.resume(start + 1min);
    EXPECT_TRUE(patience.is_expendable(record, start + 1min));
}

}  // namespace
}  // namespace owsk::net
