// SPDX-License-Identifier: MIT
// Which clients count as silent, and when.
#include "net/syn_rhythm.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace owsk::net {
namespace {

using namespace std::chrono_literals;

// Of a client whose SYNs come at these times, of which the first is 0.
SynRhythm rhythm_of(std::initializer_list<Duration> times) {
    const Instant start{};
    SynRhythm rhythm(start);
    for (const Duration time : times) {
        if (time != 0s) {
            rhythm.repeat(start + time);
        }
    }
    return rhythm;
}

bool waits_still(std::initializer_list<Duration> times, Duration until) {
    return rhythm_of(times).overdue() > Instant{} + until;
}

TEST(SynRhythm, OneLostSynIsNoSilence) {
    // 1 s, doubled; the last one is what comes next.
    EXPECT_TRUE(waits_still({0s}, 3s));
    EXPECT_TRUE(waits_still({0s, 1s}, 7s));
    EXPECT_TRUE(waits_still({0s, 1s, 3s}, 15s));
    EXPECT_TRUE(waits_still({0s, 1s, 3s, 7s}, 31s));
    EXPECT_TRUE(waits_still({0s, 1s, 3s, 7s, 15s}, 63s));
    // 3 s, doubled.
    EXPECT_TRUE(waits_still({0s}, 9s));
    EXPECT_TRUE(waits_still({0s, 3s}, 21s));
    EXPECT_TRUE(waits_still({0s, 3s, 9s}, 45s));
    // As Linux does: some seconds first, then doubled.
    EXPECT_TRUE(waits_still({0s, 1s, 2s, 3s, 4s, 5s}, 11s));
    EXPECT_TRUE(waits_still({0s, 1s, 2s, 3s, 4s, 5s, 7s}, 19s));
}

TEST(SynRhythm, TwoLostSynsAtTheBeginningAreNoSilence) {
    EXPECT_TRUE(waits_still({0s}, 7s));
}

TEST(SynRhythm, LossOfEveryOtherSynIsNoSilence) {
    EXPECT_TRUE(waits_still({0s, 3s}, 15s));
    EXPECT_TRUE(waits_still({0s, 3s, 15s}, 63s));
}

TEST(SynRhythm, ACopyOfASynShortensNothing) {
    EXPECT_TRUE(waits_still({0s, 2ms}, 9s));
    EXPECT_TRUE(waits_still({0s, 1s, 3s, 7s, 7002ms}, 31s));
    EXPECT_TRUE(waits_still({0s, 1s, 3s, 7s, 7001ms, 7002ms, 8s}, 31s));
    EXPECT_EQ(rhythm_of({0s, 8s, 8001ms}).late(), rhythm_of({0s, 8s}).late() + 1ms);
}

TEST(SynRhythm, PatientClientIsGivenItsTime) {
    EXPECT_TRUE(waits_still({0s, 5s}, 5s + 30s));
    EXPECT_TRUE(waits_still({0s, 64s}, 64s + 240s));
}

TEST(SynRhythm, SilenceEndsInTheEnd) {
    EXPECT_FALSE(waits_still({0s}, 11s));
    EXPECT_FALSE(waits_still({0s, 1s}, 12s));
    EXPECT_FALSE(waits_still({0s, 8s}, 8s + 7 * 8s + 1s));
    EXPECT_FALSE(waits_still({0s, 600s}, 600s + 251s)) << "however long a gap was";
}

TEST(SynRhythm, NextSynIsLateSoonerIfNoneIsLost) {
    EXPECT_EQ(rhythm_of({0s}).late(), Instant{} + 3500ms);
    EXPECT_EQ(rhythm_of({0s, 1s}).late(), Instant{} + 4500ms);
    EXPECT_EQ(rhythm_of({0s, 1s, 3s, 7s}).late(), Instant{} + 7s + 8500ms);
    EXPECT_EQ(rhythm_of({0s, 200s}).late(), Instant{} + 200s + 120500ms);
}

TEST(SynRhythm, WhoIsKnownToRepeatSoonIsLateSoon) {
    SynRhythm rhythm(Instant{}, 1s);
    EXPECT_EQ(rhythm.late(), Instant{} + 1500ms);
    rhythm.repeat(Instant{} + 1s);
    EXPECT_EQ(rhythm.late(), Instant{} + 3500ms);
    EXPECT_EQ(rhythm.last_syn(), Instant{} + 1s);
}

}  // namespace
}  // namespace owsk::net
