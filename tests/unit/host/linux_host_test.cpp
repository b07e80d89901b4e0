// SPDX-License-Identifier: MIT
// The real machine: start and stop, threads, parkers, clock, entropy.
#include "host/linux/linux_host.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <utility>

namespace owsk::host {
namespace {

using namespace std::chrono_literals;

struct Hop final : Task {
    void run() noexcept override {
        if (--left > 0) {
            std::swap(here, there);
            here->post(*this);
        }
    }
    Processor* here = nullptr;
    Processor* there = nullptr;
    int left = 0;
};

TEST(LinuxHost, EachProcessorEntersOnceOnItsOwnThread) {
    LinuxHost host(3);
    std::atomic<int> entered = 0;
    std::atomic<int> current = 0;
    host.start([&] {
        ++entered;
        for (unsigned number = 0; number < host.processor_count(); ++number) {
            current += host.processor(number).is_current() ? 1 : 0;
        }
    });
    host.stop();
    EXPECT_EQ(entered, 3);
    EXPECT_EQ(current, 3);
}

TEST(LinuxHost, StopRunsWhatIsPostedEvenFromOneProcessorToAnother) {
    LinuxHost host(2);
    host.start(nullptr);
    Hop hop;
    hop.here = &host.processor(0);
    hop.there = &host.processor(1);
    hop.left = 200;
    hop.here->post(hop);
    host.stop();
    EXPECT_EQ(hop.left, 0);
}

TEST(LinuxHost, StartsAgainAfterStop) {
    LinuxHost host;
    for (int i = 0; i < 3; ++i) {
        bool entered = false;
        host.start([&] { entered = true; });
        host.stop();
        EXPECT_TRUE(entered);
    }
}

TEST(LinuxHost, ThreadHasTheNameCutToWhatTheSystemShows) {
    LinuxHost host;
    char name[16] = {};
    const auto thread = host.start_thread("a name that is too long", [&] {
        ::pthread_getname_np(::pthread_self(), name, sizeof name);
    });
    ASSERT_NE(thread, nullptr);
    thread->join();
    EXPECT_STREQ(name, "a name that is ");
}

TEST(LinuxHost, EntropyDiffers) {
    LinuxHost host;
    EXPECT_NE(host.entropy(), host.entropy());
}

TEST(LinuxClock, CountsSystemTimeFrom1601) {
    const LinuxClock clock;
    // 2020-01-01 and 2200-01-01.
    EXPECT_GT(clock.system_time(), 132'223'104'000'000'000);
    EXPECT_LT(clock.system_time(), 189'000'000'000'000'000);
}

TEST(LinuxClock, NeverGoesBack) {
    const LinuxClock clock;
    const Instant before = clock.now();
    EXPECT_LE(before, clock.now());
}

TEST(LinuxParker, TokenIsTakenOnceAndDoesNotAddUp) {
    LinuxHost host;
    const auto parker = host.new_parker();
    parker->unpark();
    parker->unpark();
    EXPECT_TRUE(parker->park(std::nullopt));
    EXPECT_FALSE(parker->park(Instant{}));
}

TEST(LinuxParker, ParkGivesUpAtTheDeadlineAndNotEarlier) {
    LinuxHost host;
    const auto parker = host.new_parker();
    const Instant deadline = host.clock().now() + 5ms;
    EXPECT_FALSE(parker->park(deadline));
    EXPECT_GE(host.clock().now(), deadline);
}

TEST(LinuxParker, TwoThreadsHandTheTokenBackAndForth) {
    LinuxHost host;
    const auto ping = host.new_parker();
    const auto pong = host.new_parker();
    constexpr int rounds = 5'000;
    const auto thread = host.start_thread("pong", [&] {
        for (int i = 0; i < rounds; ++i) {
            ping->park(std::nullopt);
            pong->unpark();
        }
    });
    for (int i = 0; i < rounds; ++i) {
        ping->unpark();
        ASSERT_TRUE(pong->park(host.clock().now() + 20s));
    }
    thread->join();
}

}  // namespace
}  // namespace owsk::host
