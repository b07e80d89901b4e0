// SPDX-License-Identifier: MIT
// The clocks agree with each other.
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using KeTime = ExecutiveTest;

TEST_F(KeTime, TicksAreInterruptTimeIn15625Microseconds) {
    LARGE_INTEGER ticks;
    const ULONGLONG before = KeQueryInterruptTime();
    KeQueryTickCount(&ticks);
    const ULONGLONG after = KeQueryInterruptTime();
    EXPECT_EQ(KeQueryTimeIncrement(), 156'250U);
    EXPECT_GE(static_cast<ULONGLONG>(ticks.QuadPart), before / 156'250);
    EXPECT_LE(static_cast<ULONGLONG>(ticks.QuadPart), after / 156'250);
}

TEST_F(KeTime, PerformanceCounterRunsAt10Megahertz) {
    LARGE_INTEGER frequency;
    const LONGLONG first = KeQueryPerformanceCounter(&frequency).QuadPart;
    KeStallExecutionProcessor(100);
    EXPECT_EQ(frequency.QuadPart, 10'000'000);
    EXPECT_GE(KeQueryPerformanceCounter(nullptr).QuadPart - first, 999);
}

TEST_F(KeTime, SystemTimeCountsFrom1601) {
    LARGE_INTEGER now;
    KeQuerySystemTime(&now);
    constexpr LONGLONG year = 365LL * 86'400 * 10'000'000;
    EXPECT_GT(now.QuadPart, 420 * year);
    EXPECT_LT(now.QuadPart, 600 * year);
}

}  // namespace
}  // namespace owsk::nt
