// SPDX-License-Identifier: MIT
// One at a time, in order.
#include "host/linux/occupancy.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "unit/host/signal.h"

namespace owsk::host {
namespace {

TEST(Occupancy, OneThreadAtATimeIsThere) {
    Occupancy occupancy;
    unsigned count = 0;  // not atomic
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 2000; ++n) {
                occupancy.enter();
                ++count;
                occupancy.leave();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(count, 8000U);
    EXPECT_TRUE(occupancy.is_free());
}

TEST(Occupancy, WhoOnlyTriesIsRefusedWhileSomebodyIsThere) {
    Occupancy occupancy;
    ASSERT_TRUE(occupancy.try_enter());
    EXPECT_FALSE(occupancy.try_enter());
    occupancy.leave();
    EXPECT_TRUE(occupancy.try_enter());
    occupancy.leave();
}

TEST(Occupancy, WhoGivesWayComesBackAfterThoseWhoWait) {
    Occupancy occupancy;
    occupancy.enter();
    occupancy.give_way();
    EXPECT_FALSE(occupancy.is_wanted());
    bool was_there = false;
    std::thread other([&] {
        occupancy.enter();
        was_there = true;
        occupancy.leave();
    });
    while (!occupancy.is_wanted()) {
        std::this_thread::yield();
    }
    occupancy.give_way();
    EXPECT_TRUE(was_there);
    occupancy.leave();
    other.join();
}

}  // namespace
}  // namespace owsk::host
