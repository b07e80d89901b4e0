// SPDX-License-Identifier: MIT
// How time passes: exactly for the main thread, and at all for loops that wait.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "host/sim/world.h"
#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Threads that never rest, and events that could happen before them.
class Bustle {
  public:
    explicit Bustle(World& world) : world_(world) {
        for (int i = 0; i < 3; ++i) {
            threads_.push_back(world.start_thread("busy", [this] {
                while (!over_) {
                    pass(Point::call);
                }
            }));
        }
        repeat();
    }
    ~Bustle() {
        over_ = true;
        for (const auto& thread : threads_) {
            thread->join();
        }
        world_.events().cancel_timer(event_);
    }

  private:
    void repeat() {
        world_.events().set_timer(event_, world_.now() + std::chrono::microseconds(70));
    }

    World& world_;
    bool over_ = false;
    std::vector<std::unique_ptr<Thread>> threads_;
    Alarm event_{[this] { repeat(); }};
};

TEST(WorldTime, TheMainThreadIsNeverLate) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        World world({.seed = seed});
        const Bustle bustle(world);
        for (int i = 1; i <= 5; ++i) {
            world.run_for(milliseconds(1));
            ASSERT_EQ(world.now(), Instant{} + i * milliseconds(1)) << "seed " << seed;
        }
    }
}

TEST(WorldTime, TheMainThreadIsNeverLateForItsCondition) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        World world({.seed = seed});
        const Bustle bustle(world);
        bool happened = false;
        Alarm event([&] { happened = true; });
        world.events().set_timer(event, Instant{} + milliseconds(3));
        ASSERT_TRUE(world.run_until([&] { return happened; }, seconds(1)));
        ASSERT_EQ(world.now(), Instant{} + milliseconds(3)) << "seed " << seed;
    }
}

TEST(WorldTime, NoTimePassesWhileTheMainThreadDoesSomething) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        World world({.seed = seed});
        const Bustle bustle(world);
        world.run_for(milliseconds(1));
        for (int i = 0; i < 50; ++i) {
            pass(Point::call);
            ASSERT_EQ(world.now(), Instant{} + milliseconds(1)) << "seed " << seed;
        }
    }
}

TEST(WorldTime, ALoopThatWaitsForAFarEventGoesOn) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        World world({.seed = seed});
        bool flag = false;
        Alarm event([&] { flag = true; });
        world.events().set_timer(event, Instant{} + minutes(1));
        const auto passing = world.start_thread("passing", [&] {
            while (!flag) {
                pass(Point::memory);
            }
        });
        const auto yielding = world.start_thread("yielding", [&] {
            while (!flag) {
                world.yield();
            }
        });
        passing->join();
        yielding->join();
        EXPECT_GE(world.now(), Instant{} + minutes(1));
    }
}

TEST(WorldTime, ABoundedPollOfTheClockSeesTimePass) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        World world({.seed = seed});
        const auto poller = world.start_thread("poller", [&] {
            while (world.now() < Instant{} + seconds(5)) {
                pass(Point::clock);
            }
        });
        poller->join();
        EXPECT_GE(world.now(), Instant{} + seconds(5));
        EXPECT_LT(world.now(), Instant{} + milliseconds(5'200));
        EXPECT_LT(world.choices().steps(), 40'000U);
    }
}

}  // namespace
}  // namespace owsk::host
