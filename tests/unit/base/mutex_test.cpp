// SPDX-License-Identifier: MIT
// The order of locks is checked while the program runs.
#include "base/mutex.h"

#include <gtest/gtest.h>

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
