// SPDX-License-Identifier: MIT
// How a loop that stays on a CPU leaves it when the CPU may let nobody in.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "host/linux/linux_host.h"
#include "unit/host/job.h"
#include "unit/host/signal.h"

namespace owsk::host {
namespace {

struct CpuNote final : Watch {
    void on_events(std::uint32_t) noexcept override {
        cpu = ::sched_getcpu();
        told.raise();
    }
    int cpu = -1;
    Signal told;
};

class CpuLoop : public testing::Test {
  protected:
    CpuLoop() { host.start(nullptr); }
    ~CpuLoop() override { host.stop(); }

    void SetUp() override {
        cpu_set_t allowed;
        ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
        if (CPU_COUNT(&allowed) < 2) {
            GTEST_SKIP() << "needs two CPUs";
        }
        while (!CPU_ISSET(home, &allowed)) {
            ++home;
        }
        loop = host.cpu_loop(home);
    }

    bool is_away_for_a_task() {
        bool is_away = false;
        Signal done;
        Job task([&] {
            is_away = ::sched_getcpu() != static_cast<int>(home);
            done.raise();
        });
        loop->post_anywhere(task);
        EXPECT_TRUE(done.wait());
        return is_away;
    }
    // Where the loop delivers an event.
    int cpu_of_an_event() {
        CpuNote ear;
        const UniqueFd bell(::eventfd(0, EFD_NONBLOCK));
        EXPECT_EQ(loop->watch(bell.get(), EPOLLIN, ear), 0);
        ::eventfd_write(bell.get(), 1);
        EXPECT_TRUE(ear.told.wait());
        Signal unwatched;
        Job last([&] {
            loop->unwatch(bell.get(), ear);
            unwatched.raise();
        });
        loop->post(last);
        EXPECT_TRUE(unwatched.wait());
        return ear.cpu;
    }

    // The loop falls asleep as soon as it finds nothing to do.
    void leave_home() {
        int tries = 100'000;
        while (!is_away_for_a_task() && --tries > 0) {
        }
        ASSERT_GT(tries, 0);
    }

    LinuxHost host{1};
    unsigned home = 0;
    LinuxProcessor* loop = nullptr;
};

TEST_F(CpuLoop, RunsElsewhereWhatIsPostedAnywhereWhileItSleeps) {
    leave_home();
    EXPECT_TRUE(is_away_for_a_task());
}

TEST_F(CpuLoop, DeliversEventsAtHomeAgain) {
    leave_home();
    EXPECT_EQ(cpu_of_an_event(), static_cast<int>(home));
}

TEST_F(CpuLoop, StaysAwayOnceItHasLeft) {
    leave_home();
    loop->leave_cpu();
    EXPECT_NE(cpu_of_an_event(), static_cast<int>(home));
}

}  // namespace
}  // namespace owsk::host
