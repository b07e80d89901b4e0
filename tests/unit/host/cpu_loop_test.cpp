// SPDX-License-Identifier: MIT
// How a loop that stays on a CPU leaves it when the CPU may let nobody in.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <functional>
#include <utility>

#include "host/linux/linux_host.h"
#include "unit/host/signal.h"

namespace owsk::host {
namespace {

class Note final : public Task {
  public:
    explicit Note(std::function<void()> body) : body_(std::move(body)) {}
    void run() noexcept override {
        body_();
        done.raise();
    }
    Signal done;

  private:
    const std::function<void()> body_;
};

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
        Note task([&] { is_away = ::sched_getcpu() != static_cast<int>(home); });
        loop->post_anywhere(task);
        EXPECT_TRUE(task.done.wait());
        return is_away;
    }

    // The loop falls asleep as soon as it finds nothing to do.
    void leave_home() {
        while (!is_away_for_a_task()) {
        }
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
    CpuNote ear;
    const UniqueFd bell(::eventfd(0, EFD_NONBLOCK));
    leave_home();
    ASSERT_EQ(loop->watch(bell.get(), EPOLLIN, ear), 0);
    ::eventfd_write(bell.get(), 1);
    ASSERT_TRUE(ear.told.wait());
    EXPECT_EQ(ear.cpu, static_cast<int>(home));
    Note last([&] { loop->unwatch(bell.get(), ear); });
    loop->post(last);
    ASSERT_TRUE(last.done.wait());
}

TEST_F(CpuLoop, StaysAwayOnceItHasLeft) {
    leave_home();
    loop->leave_cpu();
    CpuNote ear;
    const UniqueFd bell(::eventfd(0, EFD_NONBLOCK));
    ASSERT_EQ(loop->watch(bell.get(), EPOLLIN, ear), 0);
    ::eventfd_write(bell.get(), 1);
    ASSERT_TRUE(ear.told.wait());
    EXPECT_NE(ear.cpu, static_cast<int>(home));
    Note last([&] { loop->unwatch(bell.get(), ear); });
    loop->post(last);
    ASSERT_TRUE(last.done.wait());
}

}  // namespace
}  // namespace owsk::host
