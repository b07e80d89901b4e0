// SPDX-License-Identifier: MIT
// Makes failures say which statuses they show: an NTSTATUS is an int, and GoogleTest prints it so.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace owsk::conformance {

// "-1073741811 is STATUS_INVALID_PARAMETER" for each number in the text that is the value of a
// status, one a line; empty if there is none.
std::string statuses_in(const std::string& text);

// Prints these lines below each failure.
class StatusNames final : public testing::EmptyTestEventListener {
    void OnTestPartResult(const testing::TestPartResult& result) override;
};

}  // namespace owsk::conformance
