// SPDX-License-Identifier: MIT
// Impossible links are named.
#include <gmock/gmock.h>
#include <openwsk/link_rules.h>

#include <limits>

namespace owsk {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using testing::StartsWith;

TEST(LinkRules, TheOrdinaryLinkIsPossible) {
    EXPECT_EQ(why_impossible({}), "");
    EXPECT_EQ(why_impossible({.latency = hours(1), .loss = 1, .mtu = mtu_max, .down = true}), "");
}

TEST(LinkRules, WhatIsImpossibleIsNamedWithTheAllowedValues) {
    EXPECT_EQ(why_impossible({.loss = 1.5}), "loss is 1.500000; it is a probability, from 0 to 1");
    EXPECT_THAT(why_impossible({.duplication = -0.1}), StartsWith("duplication is -0.1"));
    EXPECT_THAT(why_impossible({.reordering = std::numeric_limits<double>::quiet_NaN()}),
                StartsWith("reordering is "));
    EXPECT_EQ(why_impossible({.latency = nanoseconds(-1)}),
              "latency is -1 ns; it is a time from 0 to an hour");
    EXPECT_THAT(why_impossible({.jitter = hours(2)}), StartsWith("jitter is "));
    EXPECT_EQ(why_impossible({.path_mtu = 1280}), "");
    EXPECT_EQ(why_impossible({.path_mtu = 1279}),
              "path_mtu is 1279 bytes; it is from 1280 to 65535");
    EXPECT_EQ(why_impossible({.mtu = 67}), "mtu is 67 bytes; it is from 68 to 65535");
    EXPECT_THAT(why_impossible({.mtu = 65'536}), StartsWith("mtu is 65536"));
}

}  // namespace
}  // namespace owsk
