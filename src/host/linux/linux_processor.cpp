// SPDX-License-Identifier: MIT
// The loop, and how others come onto the processor.
#include "host/linux/linux_processor.h"

#include <sched.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "host/linux/linux_thread.h"
#include "host/linux/look_out.h"
#include "host/run_in_place.h"

namespace owsk::host {

namespace {

constexpr int batch_size = 128;
// A turn for each socket of a batch, and what it leaves to be done.
constexpr int tasks_at_once = 2 * batch_size;

constinit thread_local LinuxProcessor* current_processor = nullptr;
// Whose own thread this is.
constinit thread_local LinuxProcessor* own_processor = nullptr;

// Most threads have done by then what they act as the processor for.
constexpr Duration act_duration = std::chrono::microseconds(50);

}  // namespace

LinuxProcessor::LinuxProcessor(unsigned number, std::string name)
    : number_(number), name_(std::move(name)) {}

LinuxProcessor::~LinuxProcessor() {
    OWSK_ASSERT(!thread_.joinable());
}

bool LinuxProcessor::is_current() const noexcept {
    return current_processor == this;
}

LinuxProcessor* LinuxProcessor::current() noexcept {
    return current_processor;
}

void LinuxProcessor::post(Task& task) noexcept {
    if (with_queues([&](WorkQueues& queues) { return queues.post(task); })) {
        wake_up();
    }
}

void LinuxProcessor::post_anywhere(Task& task) noexcept {
    if (with_queues([&](WorkQueues& queues) { return queues.post(task); })) {
        home_.send_away(thread_.native_handle());
        wake_up();
    }
}

void LinuxProcessor::set_timer(Timer& timer, Instant due) noexcept {
    if (with_queues([&](WorkQueues& queues) { return queues.set_timer(timer, due); })) {
        wake_up();
    }
}

bool LinuxProcessor::cancel_timer(Timer& timer) noexcept {
    const Lock lock(mutex_);
    return queues_.cancel_timer(timer);
}

void LinuxProcessor::start(std::function<void()> enter, std::optional<unsigned> cpu) {
    {
        const Lock lock(mutex_);
        queues_.start();
    }
    if (cpu) {
        home_.set(*cpu);
    }
    thread_ = std::thread([this, enter = std::move(enter)] {
        name_this_thread(name_);
        home_.settle();
        cpu_.store(::sched_getcpu(), std::memory_order_relaxed);
        current_processor = this;
        own_processor = this;
        if (enter) {
            enter();
        }
        occupancy_.enter();
        loop();
        occupancy_.leave();
    });
}

void LinuxProcessor::stop() noexcept {
    if (!thread_.joinable()) {
        return;
    }
    {
        const Lock lock(mutex_);
        queues_.stop();
    }
    wake_up();
    thread_.join();
}

std::uint64_t LinuxProcessor::tasks_run() noexcept {
    const Lock lock(mutex_);
    return queues_.tasks_run();
}

void LinuxProcessor::loop() {
    for (;;) {
        const Outlook outlook = prepare_to_wait();
        if (outlook.wait == Wait::ended) {
            return;
        }
        deliver_events(outlook);
        if (may_have_work()) {
            run_tasks();
            expire_timers();
        }
    }
}

LinuxProcessor::Outlook LinuxProcessor::prepare_to_wait() noexcept {
    const Lock lock(mutex_);
    if (queues_.is_finished()) {
        return {Wait::ended};
    }
    if (!queues_.may_sleep() || looks_out()) {
        return {Wait::none};
    }
    const std::optional<Instant> until = queues_.fall_asleep();
    if (!until) {
        return {Wait::without_end};
    }
    return {Wait::for_patience, std::max(*until - clock_.now(), Duration::zero())};
}

void LinuxProcessor::look_out_for_events(int cpu, Duration patience) noexcept {
    if (own_processor == this && cpu != ::sched_getcpu()) {
        looks_out_until_ = clock_.now() + patience;
    }
}

bool LinuxProcessor::looks_out() noexcept {
    if (looks_out_until_ && clock_.now() >= *looks_out_until_) {
        looks_out_until_.reset();
    }
    return looks_out_until_.has_value();
}

void LinuxProcessor::deliver_events(const Outlook& outlook) noexcept {
    epoll_event events[batch_size];
    const bool sleeps = outlook.wait != Wait::none;
    if (sleeps) {
        occupancy_.leave();
    }
    const int count = fetch_events(events, outlook);
    if (sleeps) {
        cpu_.store(::sched_getcpu(), std::memory_order_relaxed);
        come_back();
    }
    end_sleep();
    for (int i = 0; i < count; ++i) {
        Watch* const watch = static_cast<Watch*>(events[i].data.ptr);
        // A watch may have been retired by a delivery of this very batch.
        if (watch != nullptr && watch->is_armed()) {
            home_.come_home();
            occupancy_.give_way();
            watch->on_events(events[i].events);
        }
    }
}

int LinuxProcessor::fetch_events(epoll_event* events, const Outlook& outlook) noexcept {
    return outlook.wait == Wait::for_patience
               ? events_.wait_for(events, batch_size, outlook.patience)
           : outlook.wait == Wait::without_end ? events_.wait(events, batch_size)
                                               : events_.look(events, batch_size);
}

void LinuxProcessor::run_tasks() noexcept {
    // What tasks post runs behind them, without a look at the descriptors in between. Bounded, so
    // that a task that posts itself starves nothing.
    for (int left = tasks_at_once; left > 0; --left) {
        Task* task;
        {
            const Lock lock(mutex_);
            task = queues_.take_task();
        }
        if (task == nullptr) {
            return;
        }
        occupancy_.give_way();
        task->run();
    }
}

void LinuxProcessor::expire_timers() noexcept {
    std::size_t left;
    {
        const Lock lock(mutex_);
        left = queues_.timers();
    }
    if (left == 0) {
        return;
    }
    // Bounded like the tasks: a timer that sets itself to the past starves nothing.
    const Instant now = clock_.now();
    for (; left > 0; --left) {
        Timer* timer;
        {
            const Lock lock(mutex_);
            timer = queues_.take_timer(now);
        }
        if (timer == nullptr) {
            return;
        }
        occupancy_.give_way();
        timer->expire();
    }
}

class LinuxProcessor::Acting {
  public:
    explicit Acting(LinuxProcessor& processor) noexcept
        : processor_(processor), outer_(std::exchange(current_processor, &processor)) {
        processor_.actor_cpu_.store(::sched_getcpu(), std::memory_order_relaxed);
    }
    ~Acting() {
        current_processor = outer_;
        processor_.actor_cpu_.store(unknown_cpu, std::memory_order_relaxed);
    }
    Acting(const Acting&) = delete;
    Acting& operator=(const Acting&) = delete;

  private:
    LinuxProcessor& processor_;
    LinuxProcessor* const outer_;
};

bool LinuxProcessor::run_in_place(Task& work) noexcept {
    return host::run_in_place(*this, work);
}

void LinuxProcessor::come_back() noexcept {
    const int acts_at = actor_cpu_.load(std::memory_order_relaxed);
    if (acts_at != unknown_cpu && acts_at != cpu()) {
        look_out_for([this] { return occupancy_.is_free(); }, act_duration);
    }
    occupancy_.enter();
}

// Its lock is not needed for either.
bool LinuxProcessor::may_have_work() const noexcept OWSK_NO_THREAD_SAFETY_ANALYSIS {
    return queues_.may_have_work();
}

void LinuxProcessor::end_sleep() noexcept OWSK_NO_THREAD_SAFETY_ANALYSIS {
    queues_.wake();
}

}  // namespace owsk::host
