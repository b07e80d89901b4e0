// SPDX-License-Identifier: MIT
// The moves of an attempt, and which of two counts.
#include "net/attempt_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

namespace owsk::net {
namespace {

constexpr std::array all_states = {AttemptState::held,
                                   AttemptState::accepted,
                                   AttemptState::rejected,
                                   AttemptState::aborted,
                                   AttemptState::established};

TEST(AttemptMoves, OfWhatIsOverNoneIsLeft) {
    for (const AttemptState to : all_states) {
        EXPECT_FALSE(may_move(AttemptState::rejected, to));
        EXPECT_FALSE(may_move(AttemptState::established, to));
        EXPECT_FALSE(may_move(to, AttemptState::held));
        EXPECT_EQ(may_move(AttemptState::aborted, to), to == AttemptState::rejected);
    }
}

TEST(AttemptLife, AnAcceptedOneIsEstablishedOnce) {
    AttemptLife life;
    EXPECT_FALSE(life.establish());
    EXPECT_TRUE(life.accept());
    EXPECT_FALSE(life.accept());
    EXPECT_TRUE(life.establish());
    EXPECT_FALSE(life.establish());
    EXPECT_FALSE(life.abort());
    EXPECT_FALSE(life.reject());
    EXPECT_EQ(life.state(), AttemptState::established);
    EXPECT_FALSE(life.announce_abort());
}

TEST(AttemptLife, NothingFollowsAReject) {
    AttemptLife life;
    EXPECT_TRUE(life.reject());
    EXPECT_FALSE(life.reject());
    EXPECT_FALSE(life.accept());
    EXPECT_FALSE(life.abort());
    EXPECT_FALSE(life.announce_abort());
    EXPECT_EQ(life.state(), AttemptState::rejected);
}

TEST(AttemptLife, OnlyAHeldOneCanGoBeforeAVerdict) {
    AttemptLife life;
    EXPECT_TRUE(life.accept());
    EXPECT_FALSE(life.abort_held());
    EXPECT_TRUE(life.abort());
    EXPECT_FALSE(life.abort());
}

TEST(AttemptLife, AnAcceptAfterTheAbortHasNoEffect) {
    AttemptLife life;
    EXPECT_TRUE(life.abort_held());
    EXPECT_FALSE(life.accept());
    EXPECT_FALSE(life.reject()) << "the first verdict was the other one";
    EXPECT_TRUE(life.announce_abort());
    EXPECT_EQ(life.state(), AttemptState::aborted);
}

TEST(AttemptLife, ARejectBeforeTheAnnouncementOfTheAbortCounts) {
    AttemptLife life;
    EXPECT_TRUE(life.abort());
    EXPECT_FALSE(life.reject()) << "there is nothing to carry out";
    EXPECT_EQ(life.state(), AttemptState::rejected);
    EXPECT_FALSE(life.announce_abort());
}

TEST(AttemptLife, ARejectAfterTheAnnouncementOfTheAbortDoesNot) {
    AttemptLife life;
    EXPECT_TRUE(life.abort());
    EXPECT_TRUE(life.announce_abort());
    EXPECT_FALSE(life.reject());
    EXPECT_EQ(life.state(), AttemptState::aborted);
}

TEST(AttemptLife, ARejectOfOneThatWasAcceptedDoesNotSilenceItsAbort) {
    AttemptLife life;
    EXPECT_TRUE(life.accept());
    EXPECT_TRUE(life.abort());
    EXPECT_FALSE(life.reject());
    EXPECT_TRUE(life.announce_abort());
}

TEST(AttemptLife, OfThreeThreadsOneHasItsWay) {
    for (int round = 0; round < 300; ++round) {
        AttemptLife life;
        std::atomic<int> ready = 0;
        std::array<bool, 3> succeeded = {};
        const auto together = [&](auto move, bool& success) {
            ++ready;
            while (ready < 3) {
                std::this_thread::yield();
            }
            success = move();
        };
        {
            const std::jthread accepts(
                [&] { together([&] { return life.accept(); }, succeeded[0]); });
            const std::jthread rejects(
                [&] { together([&] { return life.reject(); }, succeeded[1]); });
            together([&] { return life.abort_held(); }, succeeded[2]);
        }
        EXPECT_EQ(std::count(succeeded.begin(), succeeded.end(), true), 1);
        const bool is_told = life.announce_abort();
        EXPECT_TRUE(succeeded[2] || !is_told);
    }
}

}  // namespace
}  // namespace owsk::net
