// SPDX-License-Identifier: MIT
// What tasks, timers and watches may rely on.
#include "host/linux/linux_processor.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "host/linux/linux_host.h"
#include "unit/host/job.h"
#include "unit/host/signal.h"

namespace owsk::host {
namespace {

using namespace std::chrono_literals;

struct Ear final : Watch {
    explicit Ear(std::function<void(std::uint32_t)> what) : body(std::move(what)) {}
    void on_events(std::uint32_t events) noexcept override { body(events); }
    std::function<void(std::uint32_t)> body;
};

struct Pipe {
    Pipe() {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        out = UniqueFd(ends[0]);
        in = UniqueFd(ends[1]);
    }
    void write() { EXPECT_EQ(::write(in.get(), "x", 1), 1); }
    UniqueFd out;
    UniqueFd in;
};

class LinuxProcessorTest : public testing::Test {
  protected:
    LinuxProcessorTest() { host.start(nullptr); }
    ~LinuxProcessorTest() override { host.stop(); }

    // Runs `body` on the processor and waits for it.
    void on_processor(std::function<void()> body) {
        Signal done;
        Job call([&] {
            body();
            done.raise();
        });
        processor.post(call);
        ASSERT_TRUE(done.wait());
    }

    LinuxHost host;
    LinuxProcessor& processor = host.processor(0);
};

TEST_F(LinuxProcessorTest, OnlyItsOwnThreadIsCurrent) {
    EXPECT_FALSE(processor.is_current());
    on_processor([&] { EXPECT_TRUE(processor.is_current()); });
}

TEST_F(LinuxProcessorTest, TasksRunInTheOrderOfPosting) {
    std::vector<int> order;
    Job first([&] { order.push_back(1); });
    Job second([&] { order.push_back(2); });
    on_processor([&] {
        processor.post(first);
        processor.post(second);
    });
    on_processor([] {});
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(LinuxProcessorTest, TaskThatIsQueuedTwiceRunsOnce) {
    int runs = 0;
    Job call([&] { ++runs; });
    on_processor([&] {
        processor.post(call);
        processor.post(call);
    });
    on_processor([] {});
    EXPECT_EQ(runs, 1);
}

TEST_F(LinuxProcessorTest, TaskMayPostItselfWithoutStarvingEvents) {
    Pipe pipe;
    bool stop = false;
    Job again([&] {
        if (!stop) {
            processor.post(again);
        }
    });
    Signal heard;
    Ear ear([&](std::uint32_t) {
        stop = true;
        heard.raise();
    });
    ASSERT_EQ(processor.watch(pipe.out.get(), EPOLLIN, ear), 0);
    processor.post(again);
    pipe.write();
    EXPECT_TRUE(heard.wait());
    on_processor([&] { processor.unwatch(pipe.out.get(), ear); });
}

TEST_F(LinuxProcessorTest, PostsFromManyThreadsAreNeverLost) {
    constexpr int posts = 5'000;
    std::vector<std::thread> threads;
    for (int number = 0; number < 3; ++number) {
        threads.emplace_back([&] {
            for (int i = 0; i < posts; ++i) {
                Signal done;
                Job call([&] { done.raise(); });
                processor.post(call);
                if (!done.wait()) {
                    std::abort();
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_F(LinuxProcessorTest, TimersExpireInTheOrderOfTheirDeadlinesAndNotEarly) {
    std::vector<int> order;
    Signal last;
    const Instant start = host.clock().now();
    Alarm later([&] {
        order.push_back(2);
        last.raise();
    });
    Alarm sooner([&] { order.push_back(1); });
    processor.set_timer(later, start + 20ms);
    processor.set_timer(sooner, start + 10ms);
    ASSERT_TRUE(last.wait());
    EXPECT_GE(host.clock().now(), start + 20ms);
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(LinuxProcessorTest, TimersWithOneDeadlineExpireInTheOrderOfSetting) {
    std::vector<int> order;
    Signal done;
    Alarm first([&] { order.push_back(1); });
    Alarm second([&] {
        order.push_back(2);
        done.raise();
    });
    const Instant due = host.clock().now() + 5ms;
    processor.set_timer(first, due);
    processor.set_timer(second, due);
    ASSERT_TRUE(done.wait());
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(LinuxProcessorTest, TimerThatMovesExpiresOnceAtTheNewDeadline) {
    int expired = 0;
    Alarm alarm([&] { ++expired; });
    Signal done;
    Alarm end([&] { done.raise(); });
    const Instant start = host.clock().now();
    processor.set_timer(alarm, start + 1h);
    processor.set_timer(alarm, start + 5ms);
    processor.set_timer(end, start + 10ms);
    ASSERT_TRUE(done.wait());
    EXPECT_EQ(expired, 1);
}

TEST_F(LinuxProcessorTest, CancelledTimerNeverExpires) {
    bool expired = false;
    Alarm alarm([&] { expired = true; });
    EXPECT_FALSE(processor.cancel_timer(alarm));
    processor.set_timer(alarm, host.clock().now() + 5ms);
    on_processor([&] {
        if (!expired) {
            EXPECT_TRUE(processor.cancel_timer(alarm));
            EXPECT_FALSE(processor.cancel_timer(alarm));
        }
    });
}

TEST_F(LinuxProcessorTest, TimerExpiresOrIsCancelledNeverBoth) {
    for (int i = 0; i < 500; ++i) {
        std::atomic<int> outcomes = 0;
        Alarm alarm([&] { ++outcomes; });
        processor.set_timer(alarm, host.clock().now() + 20us);
        if (i % 2 == 0) {
            std::this_thread::yield();
        }
        if (processor.cancel_timer(alarm)) {
            ++outcomes;
        } else {
            on_processor([] {});
        }
        EXPECT_EQ(outcomes, 1);
    }
}

TEST_F(LinuxProcessorTest, TimerMaySetItselfToThePastWithoutStarvingTasks) {
    Alarm alarm([&] { processor.set_timer(alarm, Instant{}); });
    processor.set_timer(alarm, Instant{});
    on_processor([&] { EXPECT_TRUE(processor.cancel_timer(alarm)); });
}

TEST_F(LinuxProcessorTest, WatchIsToldOfEachEdge) {
    Pipe pipe;
    Signal heard[2];
    int count = 0;
    Ear ear([&](std::uint32_t events) {
        EXPECT_EQ(events, static_cast<std::uint32_t>(EPOLLIN));
        heard[count++].raise();
    });
    ASSERT_EQ(processor.watch(pipe.out.get(), EPOLLIN, ear), 0);
    for (Signal& one : heard) {
        pipe.write();
        ASSERT_TRUE(one.wait());
    }
    on_processor([&] { processor.unwatch(pipe.out.get(), ear); });
}

TEST_F(LinuxProcessorTest, WatchMayBeToldOfOtherEvents) {
    Pipe pipe;
    std::uint32_t heard = 0;
    Ear ear([&](std::uint32_t events) { heard = events; });
    ASSERT_EQ(processor.watch(pipe.in.get(), EPOLLIN, ear), 0);
    on_processor([&] { EXPECT_EQ(heard, 0U); });
    Signal writable;
    ear.body = [&](std::uint32_t events) {
        EXPECT_EQ(events, static_cast<std::uint32_t>(EPOLLOUT));
        writable.raise();
    };
    // It holds already.
    ASSERT_EQ(processor.watch(pipe.in.get(), EPOLLOUT, ear), 0);
    EXPECT_TRUE(writable.wait());
    on_processor([&] { processor.unwatch(pipe.in.get(), ear); });
}

TEST_F(LinuxProcessorTest, WatchRetiredByTheSameBatchIsNotDelivered) {
    Pipe one;
    Pipe other;
    int delivered = 0;
    Signal heard;
    std::vector<std::unique_ptr<Ear>> ears(2);
    for (std::size_t i = 0; i < 2; ++i) {
        ears[i] = std::make_unique<Ear>([&, i](std::uint32_t) {
            ++delivered;
            ears[1 - i]->retire();
            heard.raise();
        });
    }
    // Both become ready while the processor is busy here, so that one batch names both.
    on_processor([&] {
        ASSERT_EQ(processor.watch(one.out.get(), EPOLLIN, *ears[0]), 0);
        ASSERT_EQ(processor.watch(other.out.get(), EPOLLIN, *ears[1]), 0);
        one.write();
        other.write();
    });
    ASSERT_TRUE(heard.wait());
    on_processor([&] {
        processor.unwatch(one.out.get(), *ears[0]);
        processor.unwatch(other.out.get(), *ears[1]);
    });
    EXPECT_EQ(delivered, 1);
}

}  // namespace
}  // namespace owsk::host
