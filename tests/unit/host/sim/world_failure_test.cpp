// SPDX-License-Identifier: MIT
// What a world says when a run cannot go on.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "base/assert.h"
#include "host/sim/sim_host.h"
#include "host/sim/world.h"
#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class WorldFailureTest : public testing::Test {
  protected:
    WorldFailureTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

// Two threads that wait for each other, and the main thread for one of them.
void wait_for_each_other(World& world) {
    const std::unique_ptr<Parker> one = world.new_parker();
    const std::unique_ptr<Parker> other = world.new_parker();
    const auto first = world.start_thread("first", [&] {
        one->park(std::nullopt, {Sleep::For::something, "the second one"});
        other->unpark();
    });
    const auto second = world.start_thread("second", [&] {
        other->park(std::nullopt, {Sleep::For::something, "the first one"});
        one->unpark();
    });
    first->join();
    second->join();
}

TEST_F(WorldFailureTest, ABrokenInvariantOfOursIsReplayedToo) {
    EXPECT_DEATH(
        {
            World world({.seed = 7});
            world.set_replay("program --seed 7");
            world.start_thread("first", [] { OWSK_ASSERT(1 > 2); })->join();
        },
        "openwsk: internal error: 1 > 2 does not hold.*\n"
        "  replay: program --seed 7");
}

TEST_F(WorldFailureTest, ADeadlockNamesTheThreadsAndWhatTheyWaitFor) {
    EXPECT_DEATH(
        {
            World world({.seed = 7});
            wait_for_each_other(world);
        },
        "openwsk: deadlock at 0.000000000 s, seed 7.*"
        "thread main waits: the end of thread first.*"
        "thread first waits: the second one.*"
        "thread second waits: the first one");
}

TEST_F(WorldFailureTest, EachThreadWritesItsOwnStack) {
    static thread_local std::string place = "in the main thread";
    EXPECT_DEATH(
        {
            World world;
            world.set_stack_writer([] { return "    " + place + "\n"; });
            const std::unique_ptr<Parker> parker = world.new_parker();
            world
                .start_thread("lost",
                              [&] {
                                  place = "in the lost thread";
                                  parker->park(std::nullopt);
                              })
                ->join();
        },
        "thread main waits[^\n]*\n    in the main thread\n"
        "  thread lost waits[^\n]*\n    in the lost thread\n");
}

TEST_F(WorldFailureTest, TheReplayLineIsPartOfTheReport) {
    EXPECT_DEATH(
        {
            World world;
            world.set_replay("wskrun --seed 7");
            wait_for_each_other(world);
        },
        "replay: wskrun --seed 7");
}

TEST_F(WorldFailureTest, AHandlerGetsTheReport) {
    EXPECT_EXIT(
        {
            World world;
            world.set_failure_handler([](const WorldFailure& failure) {
                const bool is_it = failure.kind == WorldFailure::Kind::deadlock &&
                                   failure.text.find("thread first") != std::string::npos;
                std::_Exit(is_it ? 42 : 1);
            });
            wait_for_each_other(world);
        },
        testing::ExitedWithCode(42),
        "");
}

TEST_F(WorldFailureTest, IdleThreadsAreNotWhatIsWrong) {
    EXPECT_DEATH(
        {
            World world;
            SimHost host(world, "server", 2);
            host.start(nullptr);
            host.new_parker()->park(std::nullopt);
        },
        "thread main waits.*\n  idle: server/processor 0, server/processor 1\n");
}

TEST_F(WorldFailureTest, AnIdleWorldWithAnIdleMainThreadIsNoDeadlock) {
    World world;
    SimHost host(world, "server");
    host.start(nullptr);
    world.run_for(hours(1));
    host.stop();
    EXPECT_EQ(world.now(), Instant{} + hours(1));
}

TEST_F(WorldFailureTest, ADeadlockOfSpinLocksIsFoundWhileTheMainThreadRunsTheWorld) {
    static const auto is_free = [](const void* lock) noexcept {
        return !*static_cast<const bool*>(lock);
    };
    for (int seed = 0; seed < 5; ++seed) {
        EXPECT_DEATH(
            {
                World world({.seed = static_cast<std::uint64_t>(seed)});
                bool one = false;
                bool other = false;
                bool first_has_one = false;
                const auto take = [](bool& lock, const char* what) {
                    while (lock) {
                        wait_until(is_free, &lock, what);
                    }
                    lock = true;
                };
                const auto first = world.start_thread("first", [&] {
                    take(one, "lock one");
                    first_has_one = true;
                    while (!other) {
                        world.yield();
                    }
                    take(other, "lock other");
                });
                const auto second = world.start_thread("second", [&] {
                    take(other, "lock other");
                    while (!first_has_one) {
                        world.yield();
                    }
                    take(one, "lock one");
                });
                world.run_for(hours(1));
            },
            "deadlock.*thread first spins: lock other.*thread second spins: lock one");
    }
}

TEST_F(WorldFailureTest, WhoSpinsForVeryLongIsReportedEvenIfOtherThingsGoOn) {
    static const auto never = [](const void*) noexcept { return false; };
    EXPECT_DEATH(
        {
            World world;
            Alarm tick([&] { world.events().set_timer(tick, world.now() + milliseconds(100)); });
            tick.expire();
            const auto thread =
                world.start_thread("spinner", [&] { wait_until(never, nullptr, "a lock"); });
            world.run_for(hours(1));
        },
        "livelock at 10.0.*Thread spinner has been spinning.*spins: a lock");
}

TEST_F(WorldFailureTest, ThreadsThatRunForEverAreALivelock) {
    EXPECT_DEATH(
        {
            World world({.points_max = 100'000});
            world
                .start_thread("busy",
                              [&] {
                                  for (;;) {
                                      world.yield();
                                  }
                              })
                ->join();
        },
        "livelock.*thread busy is running");
    EXPECT_DEATH(
        {
            World world({.points_max = 100'000});
            world
                .start_thread("busy",
                              [&] {
                                  for (;;) {
                                      pass(Point::call);
                                  }
                              })
                ->join();
        },
        "livelock.*thread busy is running");
}

TEST_F(WorldFailureTest, AMainThreadThatWaitsForADayIsReportedEvenIfOtherThingsGoOn) {
    EXPECT_DEATH(
        {
            World world;
            Alarm tick([&] { world.events().set_timer(tick, world.now() + seconds(60)); });
            tick.expire();
            world.new_parker()->park(std::nullopt);
        },
        "livelock.*main thread has waited for too long");
}

TEST_F(WorldFailureTest, RemindersDoNotKeepAWorldAliveButAreHeardBefore) {
    EXPECT_DEATH(
        {
            World world;
            const std::unique_ptr<Parker> parker = world.new_parker();
            int spoken = 0;
            while (!parker->park(world.now() + seconds(3), {Sleep::For::reminder, "the end"})) {
                world.set_replay("spoken " + std::to_string(++spoken));
            }
        },
        "deadlock at 6.0.*thread main waits: the end.*replay: spoken 2\n");
}

TEST_F(WorldFailureTest, RemindersGoOnWhileSomethingIsPending) {
    World world;
    const std::unique_ptr<Parker> parker = world.new_parker();
    Alarm end([&] { parker->unpark(); });
    world.events().set_timer(end, world.now() + hours(1));
    int spoken = 0;
    while (!parker->park(world.now() + seconds(3), {Sleep::For::reminder, "the end"})) {
        ++spoken;
    }
    EXPECT_GE(spoken, 1'198);
    EXPECT_LE(spoken, 1'200);
}

TEST_F(WorldFailureTest, AStrangeThreadIsTold) {
    EXPECT_DEATH(
        {
            World world;
            const std::unique_ptr<Parker> parker = world.new_parker();
            std::thread([&] { parker->unpark(); }).join();
        },
        "Parker::unpark of a simulated world was called on a thread that does not belong to it");
    EXPECT_DEATH(
        {
            World outer;
            const std::unique_ptr<Parker> parker = outer.new_parker();
            World inner;
            parker->unpark();
        },
        "on a thread of another simulated world");
}

TEST_F(WorldFailureTest, AWorldDoesNotEndBeforeItsThreads) {
    EXPECT_DEATH(
        {
            World world;
            world.start_thread("left", [] {}).release();
        },
        "thread left has not ended");
}

}  // namespace
}  // namespace owsk::host
