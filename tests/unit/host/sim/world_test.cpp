// SPDX-License-Identifier: MIT
// Threads that take turns in virtual time.
#include "host/sim/world.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

WorldOptions seeded(std::uint64_t seed, Strategy strategy = Strategy::by_seed) {
    return {.seed = seed, .choices = {.strategy = strategy}, .keep_choices = true};
}

struct History {
    std::string order;
    std::uint64_t hash = 0;
    std::vector<Choice> choices;
    bool overlapped = false;
};

// Four threads come past forty points each.
History four_threads(const WorldOptions& options) {
    History run;
    std::atomic<int> inside = 0;
    {
        World world(options);
        std::vector<std::unique_ptr<Thread>> threads;
        for (char name = 'a'; name <= 'd'; ++name) {
            threads.push_back(world.start_thread(std::string(1, name), [&, name] {
                for (int i = 0; i < 40; ++i) {
                    run.overlapped = run.overlapped || ++inside != 1;
                    run.order += name;
                    --inside;
                    pass(Point::call);
                }
            }));
        }
        for (const auto& thread : threads) {
            thread->join();
        }
        run.hash = world.choices().hash();
        run.choices = world.choices().choices();
    }
    return run;
}

TEST(World, NeverLetsTwoThreadsRunAtOnce) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const History run = four_threads(seeded(seed));
        EXPECT_FALSE(run.overlapped);
        EXPECT_EQ(run.order.size(), 160U);
    }
}

TEST(World, TheSameSeedGivesTheSameOrder) {
    for (const Strategy strategy : {Strategy::random, Strategy::priorities}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const History one = four_threads(seeded(seed, strategy));
            const History other = four_threads(seeded(seed, strategy));
            EXPECT_EQ(one.order, other.order);
            EXPECT_EQ(one.hash, other.hash);
            EXPECT_EQ(first_difference(one.choices, other.choices), "");
        }
    }
}

TEST(World, OtherSeedsGiveOtherOrders) {
    for (const Strategy strategy : {Strategy::random, Strategy::priorities}) {
        std::set<std::string> orders;
        std::set<std::uint64_t> hashes;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const History run = four_threads(seeded(seed, strategy));
            orders.insert(run.order);
            hashes.insert(run.hash);
        }
        // Priorities have few orders where nobody ever waits.
        EXPECT_GT(orders.size(), strategy == Strategy::random ? 95U : 30U);
        EXPECT_GT(hashes.size(), strategy == Strategy::random ? 95U : 30U);
    }
}

TEST(World, BothStrategiesAreDrawnBySeed) {
    std::set<Strategy> drawn;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        drawn.insert(World({.seed = seed}).strategy());
    }
    EXPECT_EQ(drawn, (std::set<Strategy>{Strategy::random, Strategy::priorities}));
}

TEST(World, TheFirstDifferenceOfTwoRunsIsNamed) {
    const History one = four_threads(seeded(1, Strategy::random));
    const History other = four_threads(seeded(2, Strategy::random));
    EXPECT_NE(first_difference(one.choices, other.choices).find("step "), std::string::npos);
    EXPECT_NE(first_difference(one.choices, other.choices).find("in the other run"),
              std::string::npos);
    EXPECT_EQ(first_difference(one.choices, one.choices), "");
}

TEST(World, AParkedThreadGoesOnWhenItIsUnparked) {
    World world;
    const std::unique_ptr<Parker> parker = world.new_parker();
    std::string order;
    const auto thread = world.start_thread("sleeper", [&] {
        EXPECT_TRUE(parker->park(std::nullopt));
        order += "woken";
    });
    world.run_for(seconds(1));
    EXPECT_EQ(order, "");
    parker->unpark();
    thread->join();
    EXPECT_EQ(order, "woken");
}

TEST(World, ATokenThatIsThereIsTakenWithoutASleep) {
    World world;
    const std::unique_ptr<Parker> parker = world.new_parker();
    parker->unpark();
    parker->unpark();
    EXPECT_TRUE(parker->park(world.now()));
    EXPECT_FALSE(parker->park(world.now()));
}

TEST(World, ADeadlineEndsASleepAtItsTime) {
    World world;
    const std::unique_ptr<Parker> parker = world.new_parker();
    const Instant due = world.now() + hours(1);
    EXPECT_FALSE(parker->park(due));
    EXPECT_EQ(world.now(), due);
}

TEST(World, AWakeUpInTimeCancelsTheDeadline) {
    World world;
    const std::unique_ptr<Parker> parker = world.new_parker();
    Alarm wake([&] { parker->unpark(); });
    world.events().set_timer(wake, world.now() + seconds(1));
    EXPECT_TRUE(parker->park(world.now() + hours(1)));
    EXPECT_EQ(world.now(), Instant{} + seconds(1));
    EXPECT_EQ(world.events().size(), 0U);
}

TEST(World, EventsHappenWhileNoThreadRuns) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        World world({.seed = seed});
        bool inside = false;
        int happened = 0;
        std::vector<std::unique_ptr<Alarm>> calls;
        for (int i = 0; i < 20; ++i) {
            calls.push_back(std::make_unique<Alarm>([&] {
                EXPECT_FALSE(inside);
                EXPECT_TRUE(world.in_event());
                // An event is not interrupted.
                pass(Point::call);
                ++happened;
            }));
            world.events().set_timer(*calls.back(), world.now() + milliseconds(i));
        }
        const auto thread = world.start_thread("busy", [&] {
            for (int i = 0; i < 100; ++i) {
                inside = true;
                inside = false;
                pass(Point::call);
            }
        });
        thread->join();
        world.run_for(seconds(1));
        EXPECT_EQ(happened, 20);
    }
}

TEST(World, EventsDoNotKeepAheadOfAThreadForLong) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        World world({.seed = seed});
        std::vector<std::unique_ptr<Alarm>> calls;
        for (int i = 0; i < 1'000; ++i) {
            calls.push_back(std::make_unique<Alarm>([] {}));
            world.events().set_timer(*calls.back(), world.now() + milliseconds(i));
        }
        Duration took{};
        world
            .start_thread("busy",
                          [&] {
                              const Instant start = world.now();
                              for (int i = 0; i < 1'000; ++i) {
                                  pass(Point::call);
                              }
                              took = world.now() - start;
                          })
            ->join();
        EXPECT_LE(took, milliseconds(10)) << "seed " << seed;
        world.run_for(seconds(2));
    }
}

TEST(World, AnIdleHourIsAJump) {
    World world;
    const std::uint64_t steps = world.choices().steps();
    world.run_for(hours(1));
    EXPECT_EQ(world.now(), Instant{} + hours(1));
    EXPECT_LT(world.choices().steps() - steps, 10U);
}

TEST(World, RunUntilStopsWhenTheConditionHolds) {
    World world;
    int count = 0;
    Alarm call([&] {
        ++count;
        world.events().set_timer(call, world.now() + seconds(1));
    });
    world.events().set_timer(call, world.now() + seconds(1));
    EXPECT_TRUE(world.run_until([&] { return count == 5; }, hours(1)));
    EXPECT_EQ(world.now(), Instant{} + seconds(5));
    EXPECT_FALSE(world.run_until([&] { return count == 100; }, seconds(10)));
    EXPECT_EQ(world.now(), Instant{} + seconds(15));
    world.events().cancel_timer(call);
}

TEST(World, RunUntilSeesWhatAThreadHasDoneBeforeItSleeps) {
    World world;
    bool done = false;
    const std::unique_ptr<Parker> parker = world.new_parker();
    const auto thread = world.start_thread("worker", [&] {
        done = true;
        parker->park(std::nullopt);
    });
    EXPECT_TRUE(world.run_until([&] { return done; }, hours(1)));
    EXPECT_LT(world.now(), Instant{} + seconds(1));
    parker->unpark();
    thread->join();
}

TEST(World, YieldLetsTheOthersRun) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        World world({.seed = seed});
        bool flag = false;
        const auto setter = world.start_thread("setter", [&] {
            for (int i = 0; i < 50; ++i) {
                pass(Point::call);
            }
            flag = true;
        });
        const auto waiter = [&] {
            while (!flag) {
                world.yield();
            }
        };
        const auto one = world.start_thread("waiter", waiter);
        const auto other = world.start_thread("waiter", waiter);
        one->join();
        other->join();
        setter->join();
        EXPECT_LT(world.choices().steps(), 2'000U) << "seed " << seed;
    }
}

TEST(World, TimePassesForWhoOnlyAsksForIt) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        World world({.seed = seed});
        while (world.now() < Instant{} + seconds(1)) {
            world.yield();
        }
        while (world.now() < Instant{} + milliseconds(1'005)) {
            pass(Point::wait);
        }
        EXPECT_LT(world.now(), Instant{} + milliseconds(1'010));
    }
}

TEST(World, AThreadThatOnlyPassesPointsDoesNotKeepOthersFromRunning) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        World world({.seed = seed});
        bool flag = false;
        const auto asking = [&] {
            while (!flag) {
                pass(Point::wait);
            }
        };
        const auto one = world.start_thread("asking", asking);
        const auto other = world.start_thread("asking", asking);
        const auto setter = world.start_thread("setter", [&] { flag = true; });
        one->join();
        other->join();
        setter->join();
        EXPECT_TRUE(flag);
    }
}

TEST(World, HundredsOfWorldsEndCleanlyOneAfterAnother) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        World world({.seed = seed});
        world.start_thread("short", [&] { pass(Point::call); })->join();
        world.run_for(seconds(1));
    }
    EXPECT_EQ(detail::interleaver, nullptr);
}

TEST(World, WorldsNest) {
    World outer;
    {
        World inner;
        inner.run_for(hours(1));
        EXPECT_EQ(outer.now(), Instant{});
    }
    outer.run_for(seconds(1));
    EXPECT_EQ(outer.now(), Instant{} + seconds(1));
}

TEST(World, WorldsOnSeveralThreadsAtOnceDoNotDisturbEachOther) {
    const std::string expected = four_threads(seeded(5)).order;
    std::vector<std::thread> mains;
    std::vector<std::string> orders(4);
    for (std::string& order : orders) {
        mains.emplace_back([&order] {
            for (int i = 0; i < 20; ++i) {
                order = four_threads(seeded(5)).order;
            }
        });
    }
    for (std::thread& main : mains) {
        main.join();
    }
    for (const std::string& order : orders) {
        EXPECT_EQ(order, expected);
    }
}

TEST(World, WhatAThreadKeptForItselfEndsInItsTurn) {
    struct CallsAtItsEnd {
        ~CallsAtItsEnd() {
            if (body) {
                body();
            }
        }
        std::function<void()> body;
    };
    World world;
    bool in_turn = false;
    world
        .start_thread("keeper",
                      [&] {
                          static thread_local CallsAtItsEnd last;
                          last.body = [&] {
                              world.self("a test");
                              pass(Point::call);
                              in_turn = true;
                          };
                      })
        ->join();
    EXPECT_TRUE(in_turn);
}

TEST(World, StreamsOfOneSeedAreIndependent) {
    World world({.seed = 3});
    World other({.seed = 3});
    EXPECT_EQ(world.stream("network").next(), other.stream("network").next());
    EXPECT_NE(world.stream("network").next(), other.stream("faults").next());
}

TEST(World, ASpinningThreadGoesOnWhenItsConditionHolds) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        World world({.seed = seed});
        bool locked = true;
        const auto is_free = [](const void* lock) noexcept {
            return !*static_cast<const bool*>(lock);
        };
        const auto spinner = world.start_thread("spinner", [&] {
            while (locked) {
                EXPECT_TRUE(wait_until(is_free, &locked, "a lock"));
            }
            locked = true;
        });
        for (int i = 0; i < 10; ++i) {
            pass(Point::call);
        }
        locked = false;
        spinner->join();
        EXPECT_TRUE(locked);
    }
}

}  // namespace
}  // namespace owsk::host
