// SPDX-License-Identifier: MIT
// A value or a status, never both and never neither.
#include "base/result.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace owsk {
namespace {

TEST(Result, HoldsAValue) {
    Result<std::uint32_t> result = 7U;
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 7U);
    EXPECT_EQ(result.status(), STATUS_SUCCESS);
}

TEST(Result, HoldsTheStatusThatSaysWhyThereIsNoValue) {
    const Result<std::unique_ptr<int>> result = STATUS_INSUFFICIENT_RESOURCES;
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(result.status(), STATUS_INSUFFICIENT_RESOURCES);
}

TEST(Result, GivesAwayAValueThatCanOnlyMove) {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    const std::unique_ptr<int> value = std::move(*result);
    EXPECT_EQ(*value, 7);
}

TEST(ResultDeathTest, ValueOfAFailureIsABugOfOurs) {
    Result<std::unique_ptr<int>> result = STATUS_UNSUCCESSFUL;
    EXPECT_DEATH(*result, "has_value");
}

TEST(ResultDeathTest, SuccessIsNoReasonForAMissingValue) {
    using Pointer = Result<std::unique_ptr<int>>;
    EXPECT_DEATH(static_cast<void>(Pointer(STATUS_SUCCESS)), "NT_SUCCESS");
}

}  // namespace
}  // namespace owsk
