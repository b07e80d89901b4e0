// SPDX-License-Identifier: MIT
// A seed is a promise: it replays a run on every machine.
#include "base/prng.h"

#include <gtest/gtest.h>

#include <array>

namespace owsk {
namespace {

TEST(Prng, SequenceOfASeedNeverChanges) {
    Prng prng(1234567);
    EXPECT_EQ(prng.next(), 6457827717110365317U);
    EXPECT_EQ(prng.next(), 3203168211198807973U);
    EXPECT_EQ(prng.next(), 9817491932198370423U);
}

TEST(Prng, ChanceIsAboutThePercentageAsked) {
    Prng prng(1);
    int hits = 0;
    for (int i = 0; i < 10'000; ++i) {
        hits += prng.chance(30) ? 1 : 0;
    }
    EXPECT_NEAR(hits, 3'000, 200);
    EXPECT_FALSE(prng.chance(0));
    EXPECT_TRUE(prng.chance(100));
}

TEST(Prng, BelowReachesEveryValueAndNoOther) {
    Prng prng(2);
    std::array<int, 3> hits = {};
    for (int i = 0; i < 3'000; ++i) {
        ++hits.at(prng.below(3));
    }
    for (const int count : hits) {
        EXPECT_NEAR(count, 1'000, 150);
    }
}

TEST(Prng, ASplitGeneratorDoesNotFollowItsOrigin) {
    Prng one(3);
    Prng other(3);
    Prng split = one.split();
    Prng same = other.split();
    other.next();
    EXPECT_EQ(split.next(), same.next());
    EXPECT_NE(split.next(), one.next());
}

}  // namespace
}  // namespace owsk
