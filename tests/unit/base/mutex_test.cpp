// SPDX-License-Identifier: MIT
// The order of locks is checked while the program runs.
#include "base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace owsk {
namespace {

TEST(Mutex, LocksNestInRisingRank) {
    Mutex outer(Rank::socket);
    Mutex inner(Rank::transport);
    EXPECT_TRUE(holds_no_lock());
    {
        const Lock first(outer);
        const Lock second(inner);
        EXPECT_FALSE(holds_no_lock());
    }
    EXPECT_TRUE(holds_no_lock());
}

TEST(Mutex, LockCanBeLeftAndTakenAgain) {
    Mutex mutex(Rank::socket);
    Lock lock(mutex);
    lock.unlock();
    EXPECT_TRUE(holds_no_lock());
    lock.lock();
    EXPECT_FALSE(holds_no_lock());
}

TEST(Mutex, OneThreadAtATimeHasIt) {
    constexpr int threads_count = 4;
    constexpr int rounds = 50'000;
    Mutex mutex(Rank::socket);
    int count = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                const Lock lock(mutex);
                ++count;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(count, threads_count * rounds);
}

// However many sleep when it is left, each gets it in the end.
TEST(Mutex, WhoeverSleepsForItIsWoken) {
    Mutex mutex(Rank::socket);
    int entered = 0;
    std::vector<std::thread> threads;
    {
        const Lock lock(mutex);
        for (int i = 0; i < 5; ++i) {
            threads.emplace_back([&] {
                const Lock lock_of_thread(mutex);
                ++entered;
            });
        }
        // Long enough that most do sleep; if they do not, that is no mistake.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        EXPECT_EQ(entered, 0);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(entered, 5);
}

void lock_in_falling_rank() {
    Mutex outer(Rank::socket);
    Mutex inner(Rank::transport);
    const Lock first(inner);
    const Lock second(outer);
}

void lock_two_of_one_rank() {
    Mutex one(Rank::socket);
    Mutex other(Rank::socket);
    const Lock first(one);
    const Lock second(other);
}

TEST(MutexDeathTest, FallingRankIsCaught) {
    EXPECT_DEATH(lock_in_falling_rank(), "held_ranks");
}

TEST(MutexDeathTest, TwoLocksOfOneRankAreCaught) {
    EXPECT_DEATH(lock_two_of_one_rank(), "held_ranks");
}

}  // namespace
}  // namespace owsk
