// SPDX-License-Identifier: MIT
// A simulated computer: its clock, its processors, its threads.
#include "host/sim/sim_host.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SimHostTest : public testing::TestWithParam<std::uint64_t> {
  protected:
    World world{{.seed = GetParam()}};
    SimHost host{world, "server", 2};
};

INSTANTIATE_TEST_SUITE_P(Seeds, SimHostTest, testing::Range<std::uint64_t>(0, 20));

TEST_P(SimHostTest, TasksRunOnTheirProcessorInOrder) {
    unsigned entered = 0;
    host.start([&] { ++entered; });
    std::string order;
    Job a([&] {
        EXPECT_EQ(host.current_processor(), &host.processor(1));
        EXPECT_TRUE(host.processor(1).is_current());
        EXPECT_FALSE(host.processor(0).is_current());
        order += 'a';
    });
    Job b([&] { order += 'b'; });
    host.processor(1).post(a);
    host.processor(1).post(b);
    host.processor(1).post(a);
    EXPECT_EQ(host.current_processor(), nullptr);
    host.stop();
    EXPECT_EQ(entered, 2U);
    // Whether the first one has run by the time it is posted again, the seed says.
    EXPECT_TRUE(order == "ab" || order == "aba") << order;
}

TEST_P(SimHostTest, ATimerExpiresOnItsProcessorAtItsTime) {
    host.start(nullptr);
    Instant expired;
    Alarm call([&] {
        EXPECT_EQ(host.current_processor(), &host.processor(1));
        expired = host.clock().now();
    });
    const Instant due = host.clock().now() + seconds(10);
    host.processor(1).set_timer(call, due);
    world.run_for(hours(1));
    EXPECT_GE(expired, due);
    EXPECT_LE(expired, due + milliseconds(10));
    host.stop();
}

TEST_P(SimHostTest, ACancelledTimerDoesNotExpire) {
    host.start(nullptr);
    bool expired = false;
    Alarm call([&] { expired = true; });
    host.processor(0).set_timer(call, host.clock().now() + seconds(10));
    EXPECT_TRUE(host.processor(0).cancel_timer(call));
    EXPECT_FALSE(host.processor(0).cancel_timer(call));
    world.run_for(hours(1));
    EXPECT_FALSE(expired);
    host.stop();
}

TEST_P(SimHostTest, AMovedTimerExpiresOnceAtTheLaterTime) {
    host.start(nullptr);
    std::vector<Instant> expired;
    Alarm call([&] { expired.push_back(host.clock().now()); });
    host.processor(0).set_timer(call, host.clock().now() + seconds(1));
    host.processor(0).set_timer(call, host.clock().now() + seconds(2));
    world.run_for(hours(1));
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_GE(expired[0], Instant{} + seconds(2));
    host.stop();
}

TEST_P(SimHostTest, AnEventPostsToAProcessor) {
    host.start(nullptr);
    bool ran = false;
    Job job([&] {
        EXPECT_FALSE(world.in_event());
        ran = true;
    });
    Alarm arrival([&] {
        host.processor(0).post(job);
        // Who happens to have the turn is nobody's processor meanwhile.
        EXPECT_EQ(host.current_processor(), nullptr);
        EXPECT_FALSE(ran);
    });
    world.events().set_timer(arrival, world.now() + seconds(1));
    EXPECT_TRUE(world.run_until([&] { return ran; }, hours(1)));
    EXPECT_LE(world.now(), Instant{} + milliseconds(1'010));
    host.stop();
}

TEST_P(SimHostTest, StopRunsWhatTasksPostToEachOther) {
    host.start(nullptr);
    int left = 100;
    Job* partner = nullptr;
    Job pong([&] {
        if (left-- > 0) {
            host.processor(0).post(*partner);
        }
    });
    Job ping([&] { host.processor(1).post(pong); });
    partner = &ping;
    host.processor(0).post(ping);
    host.stop();
    EXPECT_EQ(left, -1);
}

// While it runs, a task is in no queue, and has been counted already.
TEST_P(SimHostTest, StopRunsWhatTasksPostLateInTheirRun) {
    host.start(nullptr);
    int left = 20;
    Job* partner = nullptr;
    Job pong([&] {
        host.yield();
        if (left-- > 0) {
            host.processor(0).post(*partner);
        }
    });
    Job ping([&] {
        host.yield();
        host.processor(1).post(pong);
    });
    partner = &ping;
    host.processor(0).post(ping);
    host.stop();
    EXPECT_EQ(left, -1);
}

TEST_P(SimHostTest, TheCpuLoopIsNoProcessor) {
    unsigned entered = 0;
    host.start([&] { ++entered; });
    SimProcessor* const loop = host.cpu_loop();
    EXPECT_EQ(host.cpu_loop(), loop);
    EXPECT_EQ(host.processor_count(), 2U);
    bool acted = false;
    Job work([&] {
        EXPECT_EQ(host.current_processor(), &host.processor(1));
        acted = true;
    });
    Job job([&] {
        EXPECT_FALSE(host.processor(0).is_current());
        while (!host.processor(1).run_in_place(work)) {
            host.yield();
        }
    });
    loop->post(job);
    EXPECT_TRUE(world.run_until([&] { return acted; }, hours(1)));
    host.stop();
    EXPECT_EQ(entered, 3U);
}

TEST_P(SimHostTest, StopRunsWhatTheCpuLoopLeavesToAProcessor) {
    host.start(nullptr);
    bool ran = false;
    Job end([&] { ran = true; });
    Job work([&] { host.processor(0).post(end); });
    Job job([&] {
        if (!host.processor(0).run_in_place(work)) {
            host.processor(0).post(work);
        }
    });
    host.cpu_loop()->post(job);
    host.stop();
    EXPECT_TRUE(ran);
}

TEST_P(SimHostTest, ItCanStartAgain) {
    int entered = 0;
    for (int i = 0; i < 3; ++i) {
        host.start([&] { ++entered; });
        host.stop();
    }
    EXPECT_EQ(entered, 6);
}

TEST_P(SimHostTest, ThreadsAndParkersAreThoseOfTheWorld) {
    const std::unique_ptr<Parker> parker = host.new_parker();
    const auto thread = host.start_thread("worker", [&] {
        host.yield();
        EXPECT_EQ(host.current_processor(), nullptr);
        parker->unpark();
    });
    EXPECT_TRUE(parker->park(std::nullopt));
    thread->join();
}

TEST(SimHost, EveryRunBeginsOnTheSameDay) {
    World world;
    SimHost host(world, "server");
    const std::int64_t begin = host.clock().system_time();
    EXPECT_EQ(begin, 133'485'408'000'000'000);
    world.run_for(seconds(1));
    EXPECT_EQ(host.clock().system_time() - begin, 10'000'000);
}

TEST(SimHost, EntropyIsOfTheSeedAndTheName) {
    World world({.seed = 1});
    World same({.seed = 1});
    SimHost host(world, "a");
    SimHost other(world, "b");
    SimHost again(same, "a");
    const std::uint64_t first = host.entropy();
    EXPECT_EQ(again.entropy(), first);
    EXPECT_NE(other.entropy(), first);
    EXPECT_NE(host.entropy(), first);
}

TEST(SimHost, ComputersShareAWorld) {
    World world;
    SimHost one(world, "one");
    SimHost other(world, "other");
    one.start(nullptr);
    other.start(nullptr);
    bool ran = false;
    Job answer([&] {
        EXPECT_TRUE(one.processor(0).is_current());
        ran = true;
    });
    Job question([&] {
        EXPECT_TRUE(other.processor(0).is_current());
        EXPECT_FALSE(one.processor(0).is_current());
        one.processor(0).post(answer);
    });
    other.processor(0).post(question);
    EXPECT_TRUE(world.run_until([&] { return ran; }, seconds(1)));
    one.stop();
    other.stop();
}

}  // namespace
}  // namespace owsk::host
