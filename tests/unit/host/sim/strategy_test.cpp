// SPDX-License-Identifier: MIT
// Which faults the two strategies find, and how soon.
#include "host/sim/strategy.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "host/sim/world.h"

namespace owsk::host {
namespace {

constexpr int seeds = 1'000;

WorldOptions options_for(int seed, Strategy strategy) {
    return {.seed = static_cast<std::uint64_t>(seed), .choices = {.strategy = strategy}};
}

// Reads and writes in two steps.
bool loses_an_update(const WorldOptions& options) {
    World world(options);
    int count = 0;
    const auto add = [&] {
        for (int i = 0; i < 10; ++i) {
            pass(Point::call);
        }
        const int before = count;
        pass(Point::call);
        count = before + 1;
    };
    const auto one = world.start_thread("one", add);
    const auto other = world.start_thread("other", add);
    one->join();
    other->join();
    return count != 2;
}

// Shows only if one thread is kept from running while two others take many turns.
bool uses_before_it_is_ready(const WorldOptions& options) {
    World world(options);
    bool is_ready = false;
    bool found = false;
    const std::unique_ptr<Parker> ping = world.new_parker();
    const std::unique_ptr<Parker> pong = world.new_parker();
    constexpr int turns = 20;
    const auto user = world.start_thread("user", [&] {
        for (int i = 0; i < turns; ++i) {
            ping->unpark();
            pong->park(std::nullopt);
        }
        found = !is_ready;
    });
    const auto partner = world.start_thread("partner", [&] {
        for (int i = 0; i < turns; ++i) {
            ping->park(std::nullopt);
            pong->unpark();
        }
    });
    const auto setter = world.start_thread("setter", [&] { is_ready = true; });
    user->join();
    partner->join();
    setter->join();
    return found;
}

template <typename Run>
int count(Strategy strategy, Run run) {
    int found = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        found += run(options_for(seed, strategy)) ? 1 : 0;
    }
    return found;
}

TEST(Strategy, BothFindALostUpdate) {
    const int by_chance = count(Strategy::random, loses_an_update);
    const int by_priorities = count(Strategy::priorities, loses_an_update);
    EXPECT_GT(by_chance, seeds / 50);
    EXPECT_GT(by_priorities, seeds / 100);
}

TEST(Strategy, PrioritiesFindALateThreadFarMoreOften) {
    const int by_chance = count(Strategy::random, uses_before_it_is_ready);
    const int by_priorities = count(Strategy::priorities, uses_before_it_is_ready);
    EXPECT_GT(by_priorities, seeds / 10);
    EXPECT_LT(by_chance, seeds / 20);
}

TEST(Strategy, SettingsOfTheCallerCountMoreThanTheSeed) {
    for (int seed = 0; seed < 20; ++seed) {
        WorldOptions options = options_for(seed, Strategy::random);
        options.choices.points_per_switch = 1'000'000'000;
        EXPECT_FALSE(loses_an_update(options));
    }
}

TEST(Strategy, HasAName) {
    EXPECT_STREQ(strategy_name(Strategy::by_seed), "by-seed");
    EXPECT_STREQ(strategy_name(Strategy::random), "random");
    EXPECT_STREQ(strategy_name(Strategy::priorities), "priorities");
}

}  // namespace
}  // namespace owsk::host
