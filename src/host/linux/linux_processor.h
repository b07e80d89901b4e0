// SPDX-License-Identifier: MIT
// LinuxProcessor: a loop thread on an EpollSet, and who is on it, an Occupancy. Each turn of the
// loop delivers one batch of descriptor events, then runs the posted tasks and what they post, then
// the timers that are due by then.
//
// One thread at a time is on it. While the own one sleeps, a thread that has work for the processor
// may act as it instead of waking it, and a thread that raises its IRQL may enter it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "host/host.h"
#include "host/linux/epoll_set.h"
#include "host/linux/home_cpu.h"
#include "host/linux/linux_clock.h"
#include "host/linux/occupancy.h"
#include "host/linux/watch.h"
#include "host/work_queues.h"

namespace owsk::host {

class LinuxProcessor final : public Processor {
  public:
    // Throws std::system_error when the system gives no descriptors.
    LinuxProcessor(unsigned number, std::string name);
    ~LinuxProcessor() override;

    unsigned number() const noexcept override { return number_; }
    bool is_current() const noexcept override;
    // The processor that the calling thread is, or acts as; or null.
    static LinuxProcessor* current() noexcept;
    // The CPU that the thread was last seen on. Any thread.
    int cpu() const noexcept { return cpu_.load(std::memory_order_relaxed); }
    void post(Task& task) noexcept override;
    void set_timer(Timer& timer, Instant due) noexcept override;
    bool cancel_timer(Timer& timer) noexcept override;
    void enter() noexcept override { occupancy_.enter(); }
    bool try_enter() noexcept override { return occupancy_.try_enter(); }
    void leave() noexcept override { occupancy_.leave(); }

    // Delivers `events` of the descriptor, edge-triggered, to `watch` until it is closed,
    // unwatched, or watched for others: then those that hold come anew. Any thread. Returns 0 or an
    // errno.
    int watch(int fd, std::uint32_t events, Watch& watch) noexcept {
        return events_.watch(fd, events, watch);
    }
    // For a descriptor that stays open.
    void unwatch(int fd, Watch& watch) noexcept { events_.unwatch(fd, watch); }

    // If the processor sleeps, the calling thread acts as the processor for as long as it takes to
    // run `work`, and what that posts as far as it may run in place; that saves a hand-over to
    // another thread. Otherwise false. Precondition: the calling thread belongs to the same host.
    bool run_in_place(Task& work) noexcept;

    // An event is about to come from `cpu`: for so long the thread does not sleep, so that it
    // need not be woken up. No effect if it would keep that CPU busy, or if another thread acts as
    // the processor. On the processor.
    void look_out_for_events(int cpu, Duration patience) noexcept;

    // As post(), for what the thread need not do on the CPU that it stays on: if it sleeps, it goes
    // on elsewhere until it has events to deliver. A CPU may let nobody in for seconds: a guest of
    // a busy host has been seen to lose one for so long, and a task of the kernel or of a real-time
    // class can take one too.
    void post_anywhere(Task& task) noexcept;
    // No longer stays on a CPU.
    void leave_cpu() noexcept { home_.give_up(thread_.native_handle()); }

    // With a CPU, the thread stays on it, unless the system forbids.
    void start(std::function<void()> enter, std::optional<unsigned> cpu = std::nullopt);
    // Runs what is posted, then ends the thread.
    void stop() noexcept;
    // How many tasks have been run.
    std::uint64_t tasks_run() noexcept;

  private:
    // For run_in_place().
    template <typename Looped>
    friend bool run_in_place(Looped& processor, Task& work) noexcept;
    class Acting;
    template <typename Use>
    auto with_queues(Use use) noexcept OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        return use(queues_);
    }
    void wake_up() noexcept { events_.wake_up(); }

    void loop();
    void come_back() noexcept;
    void end_sleep() noexcept;
    bool looks_out() noexcept;
    // How the next batch of events is fetched.
    enum class Wait { none, without_end, for_patience, ended };  // ended: there is no next one
    struct Outlook {
        Wait wait;
        Duration patience = {};
    };
    // Unless it says not to wait, posts wake us from here on.
    Outlook prepare_to_wait() noexcept;
    void deliver_events(const Outlook& outlook) noexcept;
    int fetch_events(epoll_event* events, const Outlook& outlook) noexcept;
    bool may_have_work() const noexcept;
    void run_tasks() noexcept;
    void expire_timers() noexcept;

    static constexpr int unknown_cpu = -1;

    const unsigned number_;
    const std::string name_;
    const LinuxClock clock_;

    // The loop: what its thread waits for, and on which CPU it is.
    EpollSet events_;
    std::thread thread_;
    HomeCpu home_;
    std::atomic<int> cpu_ = unknown_cpu;
    std::optional<Instant> looks_out_until_;  // used only by the own thread

    // Who is on the processor: the own thread while it is awake, or one that acts or has entered.
    Occupancy occupancy_;
    std::atomic<int> actor_cpu_ = unknown_cpu;  // where another thread acts; see run_in_place()

    Mutex mutex_{Rank::processor};
    WorkQueues queues_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::host
