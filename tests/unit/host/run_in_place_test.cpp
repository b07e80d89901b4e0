// SPDX-License-Identifier: MIT
// A loop that stays on a CPU, and how it acts as a processor that sleeps.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "host/linux/linux_host.h"
#include "unit/host/job.h"
#include "unit/host/signal.h"

namespace owsk::host {
namespace {

using namespace std::chrono_literals;

class RunInPlace : public testing::Test {
  protected:
    RunInPlace() { host.start(nullptr); }
    ~RunInPlace() override { host.stop(); }

    // Runs `body` on the loop of a CPU and waits for it.
    void on_cpu_loop(std::function<void()> body) { run_on(*host.cpu_loop(0), std::move(body)); }
    void on_processor(std::function<void()> body) { run_on(processor, std::move(body)); }

    // The processor falls asleep as soon as it finds nothing to do.
    void run_in_place_when_asleep(Task& work) {
        while (!processor.run_in_place(work)) {
            std::this_thread::yield();
        }
    }

    // None that exists, so that wherever the processor is, the event comes from elsewhere.
    static int another_cpu() { return static_cast<int>(LinuxHost::cpu_count()); }

    static void run_on(LinuxProcessor& loop, std::function<void()> body) {
        Signal done;
        Job call([&] {
            body();
            done.raise();
        });
        loop.post(call);
        ASSERT_TRUE(done.wait());
    }

    LinuxHost host;
    LinuxProcessor& processor = host.processor(0);
};

TEST_F(RunInPlace, ACpuLoopIsNoProcessor) {
    on_cpu_loop([&] {
        EXPECT_FALSE(processor.is_current());
        EXPECT_EQ(host.processor_count(), 1U);
    });
    EXPECT_EQ(host.cpu_loop(0), host.cpu_loop(0));
}

TEST_F(RunInPlace, ACpuLoopStaysOnItsCpu) {
    cpu_set_t allowed;
    ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
    on_cpu_loop([&] {
        if (CPU_ISSET(0, &allowed)) {
            EXPECT_EQ(::sched_getcpu(), 0);
        }
    });
}

TEST_F(RunInPlace, TheCallerActsAsTheSleepingProcessor) {
    on_cpu_loop([&] {
        std::thread::id worker;
        bool was_current = false;
        Job work([&] {
            worker = std::this_thread::get_id();
            was_current = processor.is_current();
        });
        run_in_place_when_asleep(work);
        EXPECT_EQ(worker, std::this_thread::get_id());
        EXPECT_TRUE(was_current);
        EXPECT_EQ(LinuxProcessor::current(), host.cpu_loop(0));
    });
}

TEST_F(RunInPlace, ABusyProcessorIsLeftAlone) {
    Signal busy;
    Signal go_on;
    Job occupation([&] {
        busy.raise();
        EXPECT_TRUE(go_on.wait());
    });
    processor.post(occupation);
    ASSERT_TRUE(busy.wait());
    on_cpu_loop([&] {
        Job work([] { FAIL() << "ran although the processor was busy"; });
        EXPECT_FALSE(processor.run_in_place(work));
    });
    go_on.raise();
    Signal over;
    Job last([&] { over.raise(); });
    processor.post(last);
    EXPECT_TRUE(over.wait());
}

TEST_F(RunInPlace, WhatTheWorkPostsRunsInPlaceOnlyIfItMay) {
    Signal own_thread_ran;
    std::thread::id follow_up_thread;
    std::thread::id end_thread;
    std::thread::id caller;
    Job follow_up([&] { follow_up_thread = std::this_thread::get_id(); }, Job::Kind::any_thread);
    Job end([&] {
        end_thread = std::this_thread::get_id();
        own_thread_ran.raise();
    });
    on_cpu_loop([&] {
        caller = std::this_thread::get_id();
        Job work([&] {
            processor.post(follow_up);
            processor.post(end);
        });
        run_in_place_when_asleep(work);
    });
    ASSERT_TRUE(own_thread_ran.wait());
    EXPECT_EQ(follow_up_thread, caller);
    EXPECT_NE(end_thread, caller);
}

TEST_F(RunInPlace, ATimerSetInPlaceExpires) {
    Signal rung;
    Alarm alarm([&] { rung.raise(); });
    on_cpu_loop([&] {
        Job work([&] { processor.set_timer(alarm, host.clock().now() + 1ms); });
        run_in_place_when_asleep(work);
    });
    EXPECT_TRUE(rung.wait());
}

// While the thread looks out it does not sleep, so nobody need act for it.
TEST_F(RunInPlace, AProcessorThatLooksOutIsAwake) {
    on_processor([&] { processor.look_out_for_events(another_cpu(), 1h); });
    on_cpu_loop([&] {
        Job work([] { FAIL() << "ran although the processor was awake"; });
        EXPECT_FALSE(processor.run_in_place(work));
    });
    on_processor([] {});
}

TEST_F(RunInPlace, AProcessorSleepsAgainWhenItHasLookedOutLongEnough) {
    on_processor([&] { processor.look_out_for_events(another_cpu(), 1ms); });
    Job work([] {});
    run_in_place_when_asleep(work);
}

// It would keep the very CPU busy that is to bring the event.
TEST_F(RunInPlace, AProcessorDoesNotLookOutForItsOwnCpu) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    bool on_first_cpu = false;
    on_processor([&] {
        on_first_cpu = ::sched_setaffinity(0, sizeof first, &first) == 0;
        processor.look_out_for_events(0, 1h);
    });
    if (!on_first_cpu) {
        GTEST_SKIP() << "this test may not run on CPU 0";
    }
    Job work([] {});
    run_in_place_when_asleep(work);
}

TEST_F(RunInPlace, WhoActsAsTheProcessorDoesNotKeepItAwake) {
    Job work([&] { processor.look_out_for_events(another_cpu(), 1h); });
    on_cpu_loop([&] { run_in_place_when_asleep(work); });
    on_processor([] {});
    Job more([] {});
    run_in_place_when_asleep(more);
}

// Two threads are never the processor at the same time, and no event is lost between them.
TEST_F(RunInPlace, OneThreadAtATimeIsTheProcessor) {
    constexpr int rounds = 2000;
    int as_the_processor = 0;  // guarded by being the processor
    std::atomic<int> posted_runs = 0;
    struct CountingEar final : Watch {
        explicit CountingEar(int& counted) : counter(counted) {}
        void on_events(std::uint32_t) noexcept override { ++counter; }
        int& counter;
    } ear(as_the_processor);
    const UniqueFd bell(::eventfd(0, EFD_NONBLOCK));
    ASSERT_EQ(processor.watch(bell.get(), EPOLLIN, ear), 0);
    Job posted([&] {
        ++as_the_processor;
        ++posted_runs;
    });
    std::atomic<bool> stop = false;
    std::thread ringer([&] {
        while (!stop) {
            ::eventfd_write(bell.get(), 1);
            processor.post(posted);
        }
    });
    int in_place = 0;
    on_cpu_loop([&] {
        Job work([&] { ++as_the_processor; });
        for (int i = 0; i < rounds; ++i) {
            in_place += processor.run_in_place(work) ? 1 : 0;
        }
    });
    stop = true;
    ringer.join();
    Signal quiet;
    Job last([&] {
        processor.unwatch(bell.get(), ear);
        quiet.raise();
    });
    processor.post(last);
    ASSERT_TRUE(quiet.wait());
    EXPECT_GE(as_the_processor, in_place + posted_runs.load());
}

}  // namespace
}  // namespace owsk::host
