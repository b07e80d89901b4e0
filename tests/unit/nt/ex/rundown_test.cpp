// SPDX-License-Identifier: MIT
#include <atomic>
#include <thread>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class Rundown : public ExecutiveTest {
  protected:
    Rundown() { ExInitializeRundownProtection(&ref_); }
    EX_RUNDOWN_REF ref_;
};
using RundownDeathTest = Rundown;

TEST_F(Rundown, WithoutUsersItEndsAtOnce) {
    ExWaitForRundownProtectionRelease(&ref_);
    EXPECT_FALSE(ExAcquireRundownProtection(&ref_));
    // Waiting again is allowed.
    ExWaitForRundownProtectionRelease(&ref_);
}

TEST_F(Rundown, UsesThatAreOverDoNotCount) {
    EXPECT_TRUE(ExAcquireRundownProtection(&ref_));
    EXPECT_TRUE(ExAcquireRundownProtection(&ref_));
    ExReleaseRundownProtection(&ref_);
    ExReleaseRundownProtection(&ref_);
    ExWaitForRundownProtectionRelease(&ref_);
}

TEST_F(Rundown, CanBeginAnew) {
    ExWaitForRundownProtectionRelease(&ref_);
    ExRundownCompleted(&ref_);
    EXPECT_FALSE(ExAcquireRundownProtection(&ref_));
    ExReInitializeRundownProtection(&ref_);
    EXPECT_TRUE(ExAcquireRundownProtection(&ref_));
    ExReleaseRundownProtection(&ref_);
}

TEST_F(Rundown, WaitsForTheLastUserAndRefusesNewOnes) {
    ASSERT_TRUE(ExAcquireRundownProtection(&ref_));
    ASSERT_TRUE(ExAcquireRundownProtection(&ref_));
    std::atomic<bool> over = false;
    std::thread waiter([&] {
        const ThreadScope scope(system());
        ExWaitForRundownProtectionRelease(&ref_);
        EXPECT_TRUE(over);
    });
    // The waiter refuses new users from the moment it waits.
    while (ExAcquireRundownProtection(&ref_)) {
        ExReleaseRundownProtection(&ref_);
    }
    ExReleaseRundownProtection(&ref_);
    over = true;
    ExReleaseRundownProtection(&ref_);
    waiter.join();
}

TEST_F(RundownDeathTest, ReleasingTooOftenIsNoticed) {
    EXPECT_DEATH(ExReleaseRundownProtection(&ref_), "rundown-released-too-often");
}

}  // namespace
}  // namespace owsk::nt
