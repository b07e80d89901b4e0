// SPDX-License-Identifier: MIT
// Threads of a simulation act for a processor that sleeps, in the orders that seeds choose.
#include <gtest/gtest.h>

#include <string>

#include "host/sim/sim_host.h"
#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SimRunInPlace : public testing::TestWithParam<std::uint64_t> {
  protected:
    SimRunInPlace() { host.start(nullptr); }
    ~SimRunInPlace() override { host.stop(); }

    void run_in_place_when_asleep(Task& work) {
        while (!processor.run_in_place(work)) {
            host.yield();
        }
    }
    // Without a wake-up from here.
    bool comes(const bool& flag) {
        return world.run_until([&] { return flag; }, hours(1));
    }

    World world{{.seed = GetParam()}};
    SimHost host{world, "server"};
    SimProcessor& processor = host.processor(0);
};

INSTANTIATE_TEST_SUITE_P(Seeds, SimRunInPlace, testing::Range<std::uint64_t>(0, 100));

TEST_P(SimRunInPlace, TheCallerActsAsTheSleepingProcessor) {
    bool was_current = false;
    Job work([&] { was_current = processor.is_current(); });
    run_in_place_when_asleep(work);
    EXPECT_TRUE(was_current);
    EXPECT_FALSE(processor.is_current());
}

TEST_P(SimRunInPlace, ABusyProcessorIsLeftAlone) {
    bool busy = false;
    bool over = false;
    Job occupation([&] {
        busy = true;
        while (!over) {
            host.yield();
        }
    });
    processor.post(occupation);
    EXPECT_TRUE(comes(busy));
    Job work([] { FAIL() << "ran although the processor was busy"; });
    EXPECT_FALSE(processor.run_in_place(work));
    over = true;
    host.stop();
}

TEST_P(SimRunInPlace, WhatMayNotRunInPlaceIsLeftToTheOwnThread) {
    std::string order;
    bool over = false;
    Job end([&] {
        order += 'e';
        over = true;
    });
    Job follow_up([&] { order += 'f'; }, Job::Kind::any_thread);
    Job work([&] {
        order += 'w';
        processor.post(follow_up);
        processor.post(end);
    });
    run_in_place_when_asleep(work);
    EXPECT_TRUE(comes(over));
    EXPECT_EQ(order, "wfe");
}

TEST_P(SimRunInPlace, ATimerSetInPlaceExpiresAtItsTime) {
    bool far_rang = false;
    bool near_rang = false;
    Alarm far([&] { far_rang = true; });
    Alarm near([&] { near_rang = true; });
    processor.set_timer(far, world.now() + seconds(10));
    Job work([&] { processor.set_timer(near, world.now() + seconds(1)); });
    run_in_place_when_asleep(work);
    EXPECT_TRUE(comes(near_rang));
    EXPECT_LT(world.now(), Instant{} + seconds(2));
    EXPECT_TRUE(comes(far_rang));
}

TEST_P(SimRunInPlace, ATimerCancelledAndSetAgainInPlaceExpires) {
    bool rang = false;
    Alarm alarm([&] { rang = true; });
    processor.set_timer(alarm, world.now() + seconds(10));
    Job work([&] {
        processor.cancel_timer(alarm);
        processor.set_timer(alarm, world.now() + seconds(20));
    });
    run_in_place_when_asleep(work);
    EXPECT_TRUE(comes(rang));
    EXPECT_GE(world.now(), Instant{} + seconds(20));
    EXPECT_LT(world.now(), Instant{} + seconds(21));
}

// Two threads are never the processor at the same time, and nothing that is posted is forgotten.
TEST_P(SimRunInPlace, OneThreadAtATimeIsTheProcessor) {
    constexpr int rounds = 10;
    int on_it = 0;
    const auto visit = [&] {
        EXPECT_EQ(++on_it, 1);
        host.yield();
        --on_it;
    };
    int posted_runs = 0;
    Job posted([&] {
        visit();
        ++posted_runs;
    });
    const auto poster = host.start_thread("poster", [&] {
        for (int i = 0; i < rounds; ++i) {
            const int before = posted_runs;
            processor.post(posted);
            while (posted_runs == before) {
                host.yield();
            }
        }
    });
    const auto raiser = host.start_thread("raiser", [&] {
        for (int i = 0; i < rounds; ++i) {
            processor.enter();
            visit();
            processor.leave();
        }
    });
    Job work(visit);
    for (int i = 0; i < rounds; ++i) {
        run_in_place_when_asleep(work);
    }
    poster->join();
    raiser->join();
    EXPECT_EQ(posted_runs, rounds);
}

// The thread has taken the first one, and lets somebody in before it runs it.
TEST_P(SimRunInPlace, NothingOvertakesATaskThatHasBeenTaken) {
    constexpr int rounds = 10;
    std::string order;
    std::string expected;
    Job first([&] { order += '1'; });
    Job second([&] { order += '2'; }, Job::Kind::any_thread);
    Job work([] {});
    bool over = false;
    const auto raiser = host.start_thread("raiser", [&] {
        while (!over) {
            processor.enter();
            pass(Point::call);
            processor.leave();
            pass(Point::call);
            host.yield();
        }
    });
    const auto actor = host.start_thread("actor", [&] {
        while (!over) {
            processor.run_in_place(work);
            host.yield();
        }
    });
    for (int round = 0; round < rounds; ++round) {
        expected += "12";
        processor.post(first);
        processor.post(second);
        while (order.size() < expected.size()) {
            host.yield();
        }
    }
    over = true;
    raiser->join();
    actor->join();
    EXPECT_EQ(order, expected);
    host.stop();
}

}  // namespace
}  // namespace owsk::host
