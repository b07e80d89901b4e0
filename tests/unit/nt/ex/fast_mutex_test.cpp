// SPDX-License-Identifier: MIT
#include <thread>
#include <vector>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class FastMutex : public ExecutiveTest {
  protected:
    FastMutex() { ExInitializeFastMutex(&mutex_); }
    FAST_MUTEX mutex_;
};
using FastMutexDeathTest = FastMutex;

TEST_F(FastMutex, OwningItMeansApcLevel) {
    ExAcquireFastMutex(&mutex_);
    EXPECT_EQ(KeGetCurrentIrql(), APC_LEVEL);
    ExReleaseFastMutex(&mutex_);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    ExAcquireFastMutexUnsafe(&mutex_);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    ExReleaseFastMutexUnsafe(&mutex_);
}

TEST_F(FastMutex, TryFailsWhileAnotherThreadOwnsIt) {
    ASSERT_TRUE(ExTryToAcquireFastMutex(&mutex_));
    EXPECT_EQ(KeGetCurrentIrql(), APC_LEVEL);
    std::thread([this] {
        const ThreadScope scope(system());
        EXPECT_FALSE(ExTryToAcquireFastMutex(&mutex_));
        EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    }).join();
    ExReleaseFastMutex(&mutex_);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST_F(FastMutex, KeepsThreadsApart) {
    int counter = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this, &counter] {
            const ThreadScope scope(system());
            for (int round = 0; round < 500; ++round) {
                ExAcquireFastMutex(&mutex_);
                ++counter;
                ExReleaseFastMutex(&mutex_);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(counter, 2000);
}

TEST_F(FastMutexDeathTest, IsNotRecursive) {
    ExAcquireFastMutex(&mutex_);
    EXPECT_DEATH(ExAcquireFastMutex(&mutex_), "fast-mutex-acquired-twice");
    ExReleaseFastMutex(&mutex_);
}

TEST_F(FastMutexDeathTest, OnlyTheOwnerReleasesIt) {
    EXPECT_DEATH(ExReleaseFastMutex(&mutex_), "fast-mutex-released-by-another-thread");
}

TEST_F(FastMutexDeathTest, IsNotForDispatchLevel) {
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            ExAcquireFastMutex(&mutex_);
        },
        "IRQL_NOT_LESS_OR_EQUAL\n.*rule: function-called-above-its-irql\n.*ExAcquireFastMutex");
}

}  // namespace
}  // namespace owsk::nt
