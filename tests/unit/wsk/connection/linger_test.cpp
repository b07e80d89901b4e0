// SPDX-License-Identifier: MIT
// How long a reset is held back.
#include "wsk/connection/linger.h"

#include <gtest/gtest.h>
#include <ntstatus.h>

#include "unit/net/faulty/pipe_connection.h"

namespace owsk::wsk {
namespace {

using namespace std::chrono_literals;

class LingerTest : public testing::Test {
  protected:
    // The result of looking when the last look has asked for it.
    bool is_over() {
        const auto next = linger.look(connection, now, patience);
        waited += next.has_value() ? *next - now : Duration::zero();
        now = next.value_or(now);
        return !next.has_value();
    }

    static constexpr Duration patience = 120s;
    net::PipeConnection connection;
    Instant now{};
    Duration waited{};
    Linger linger{10, now};
};

TEST_F(LingerTest, IsOverWhenOnlyBytesAreOutThatNobodyReported) {
    connection.outstanding = 10;
    EXPECT_TRUE(is_over());
}

TEST_F(LingerTest, LastsUntilWhatWasReportedIsAcknowledged) {
    connection.outstanding = 12;
    EXPECT_FALSE(is_over());
    EXPECT_EQ(linger.left(), 2U);
    connection.outstanding = 11;
    EXPECT_FALSE(is_over());
    connection.outstanding = 10;
    EXPECT_TRUE(is_over());
}

TEST_F(LingerTest, LooksSoonAtFirstAndMoreRarelyAtASilentPeer) {
    connection.outstanding = 12;
    EXPECT_FALSE(is_over());
    EXPECT_LE(waited, 5ms);
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(is_over());
    }
    waited = {};
    EXPECT_FALSE(is_over());
    EXPECT_GE(waited, 400ms);
    EXPECT_LE(waited, 1s);
}

TEST_F(LingerTest, EndsWithAPeerThatAcknowledgesNothing) {
    connection.outstanding = 12;
    while (!is_over()) {
        ASSERT_LE(waited, 121s);
    }
    EXPECT_GE(waited, 120s);
}

TEST_F(LingerTest, GoesOnWithAPeerThatAcknowledgesSlowly) {
    for (std::size_t left = 100; left > 10; --left) {
        connection.outstanding = left;
        const Instant step = now;
        while (now - step < 100s) {
            ASSERT_FALSE(is_over());
        }
    }
}

TEST_F(LingerTest, ThrowsAwayWhatThePeerSends) {
    connection.outstanding = 12;
    connection.arriving = "nobody reads this";
    EXPECT_FALSE(is_over());
    EXPECT_EQ(connection.arriving, "");
}

}  // namespace
}  // namespace owsk::wsk
