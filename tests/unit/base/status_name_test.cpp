// SPDX-License-Identifier: MIT
#include "base/status_name.h"

#include <gtest/gtest.h>
#include <ntstatus.h>

namespace owsk {
namespace {

TEST(StatusName, AKnownStatusHasItsName) {
    EXPECT_EQ(status_name(STATUS_ACCESS_DENIED), "STATUS_ACCESS_DENIED");
}

TEST(StatusName, ZeroIsSuccessAmongItsNames) {
    EXPECT_EQ(status_name(0), "STATUS_SUCCESS");
}

TEST(StatusName, AnUnknownStatusIsANumber) {
    EXPECT_EQ(status_name(static_cast<NTSTATUS>(0xE1234567)), "status 0xE1234567");
}

}  // namespace
}  // namespace owsk
