// SPDX-License-Identifier: MIT
// When a processor's thread has to be woken, one step after another.
#include "host/work_queues.h"

#include <gtest/gtest.h>

namespace owsk::host {
namespace {

using std::chrono::seconds;

struct Job final : Task {
    explicit Job(bool in_place = false) : may_be_in_place(in_place) {}
    void run() noexcept override {}
    bool may_run_in_place() const noexcept override { return may_be_in_place; }
    const bool may_be_in_place;
};

struct Alarm final : Timer {
    void expire() noexcept override {}
};

constexpr Instant at(int second) {
    return Instant{} + seconds(second);
}

class WorkQueuesTest : public testing::Test {
  protected:
    Job own;
    Job in_place{true};
    Alarm alarm;
    Alarm other;
    WorkQueues queues;
};

TEST_F(WorkQueuesTest, NobodyWakesAThreadThatIsAwake) {
    EXPECT_FALSE(queues.post(own));
    EXPECT_FALSE(queues.set_timer(alarm, at(1)));
}

TEST_F(WorkQueuesTest, TheFirstWhoBringsATaskWakesTheSleeper) {
    queues.fall_asleep();
    EXPECT_TRUE(queues.post(own));
    EXPECT_FALSE(queues.post(in_place));
    EXPECT_FALSE(queues.set_timer(alarm, at(1)));
}

TEST_F(WorkQueuesTest, ASleeperIsWokenForAnEarlierTimerOnly) {
    EXPECT_FALSE(queues.set_timer(alarm, at(5)));
    EXPECT_EQ(queues.fall_asleep(), at(5));
    EXPECT_FALSE(queues.set_timer(other, at(6)));
    EXPECT_TRUE(queues.is_asleep());
    EXPECT_TRUE(queues.set_timer(other, at(4)));
    EXPECT_FALSE(queues.is_asleep());
}

TEST_F(WorkQueuesTest, ASleeperWithoutTimersIsWokenForTheFirst) {
    EXPECT_EQ(queues.fall_asleep(), std::nullopt);
    EXPECT_TRUE(queues.set_timer(alarm, at(5)));
}

TEST_F(WorkQueuesTest, AThreadWithTasksMayNotSleep) {
    EXPECT_TRUE(queues.may_sleep());
    EXPECT_FALSE(queues.post(own));
    EXPECT_FALSE(queues.may_sleep());
    EXPECT_EQ(queues.take_task(), &own);
    EXPECT_TRUE(queues.may_sleep());
}

TEST_F(WorkQueuesTest, TheEndComesAfterTheLastTask) {
    EXPECT_FALSE(queues.post(own));
    queues.stop();
    EXPECT_FALSE(queues.may_sleep());
    EXPECT_FALSE(queues.is_finished());
    queues.take_task();
    EXPECT_FALSE(queues.may_sleep());
    EXPECT_TRUE(queues.is_finished());
    queues.start();
    EXPECT_FALSE(queues.is_finished());
}

TEST_F(WorkQueuesTest, NobodyWakesTheThreadWhileAnotherActs) {
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.post(in_place));
    EXPECT_FALSE(queues.set_timer(alarm, at(1)));
}

TEST_F(WorkQueuesTest, WhoActsTakesTasksInOrderAsFarAsTheyMayRunInPlace) {
    Job behind(true);
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.post(in_place));
    EXPECT_FALSE(queues.post(own));
    EXPECT_FALSE(queues.post(behind));
    EXPECT_EQ(queues.take_task_in_place(), &in_place);
    EXPECT_EQ(queues.take_task_in_place(), nullptr);
    EXPECT_EQ(queues.take_task(), &own);
    EXPECT_EQ(queues.take_task_in_place(), &behind);
    EXPECT_EQ(queues.take_task_in_place(), nullptr);
}

TEST_F(WorkQueuesTest, WithNothingLeftTheThreadSleepsOn) {
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.end_acting());
    EXPECT_TRUE(queues.post(own));
}

TEST_F(WorkQueuesTest, TheThreadIsWokenForTasksThatAreLeft) {
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.post(own));
    EXPECT_TRUE(queues.end_acting());
    EXPECT_FALSE(queues.post(in_place));
}

TEST_F(WorkQueuesTest, TheThreadIsWokenForATimerThatBecameTheEarliest) {
    EXPECT_FALSE(queues.set_timer(alarm, at(5)));
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.set_timer(other, at(6)));
    EXPECT_FALSE(queues.end_acting());
    queues.begin_acting();
    EXPECT_FALSE(queues.set_timer(other, at(4)));
    EXPECT_TRUE(queues.end_acting());
}

TEST_F(WorkQueuesTest, TheThreadIsWokenForAnEndThatCameMeanwhile) {
    queues.fall_asleep();
    queues.begin_acting();
    queues.stop();
    EXPECT_TRUE(queues.end_acting());
}

TEST_F(WorkQueuesTest, WorkInPlaceCountsAsATask) {
    queues.fall_asleep();
    queues.begin_acting();
    EXPECT_FALSE(queues.post(in_place));
    queues.take_task_in_place();
    EXPECT_FALSE(queues.end_acting());
    EXPECT_EQ(queues.tasks_run(), 2U);
}

}  // namespace
}  // namespace owsk::host
