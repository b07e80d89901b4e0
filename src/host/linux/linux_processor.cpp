// SPDX-License-Identifier: MIT
// The loop, and how others reach it.
#include "host/linux/linux_processor.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <system_error>
#include <utility>

#include "host/linux/linux_thread.h"
#include "host/linux/look_out.h"
#include "host/linux/timespec.h"
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

void stay_on(unsigned cpu) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

UniqueFd checked(int fd, const char* what) {
    if (fd < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return UniqueFd(fd);
}

}  // namespace

LinuxProcessor::LinuxProcessor(unsigned number, std::string name)
    : number_(number),
      name_(std::move(name)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
    // Edge-triggered: each write is one wake-up, and nobody has to read the counter back.
    epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

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
        if (home_.load(std::memory_order_relaxed) != unknown_cpu) {
            go_elsewhere();
        }
        wake_up();
    }
}

void LinuxProcessor::leave_cpu() noexcept {
    if (home_.exchange(unknown_cpu, std::memory_order_relaxed) != unknown_cpu) {
        go_elsewhere();
    }
}

// The others alone: one that is free to stay would wait for its CPU where it is.
void LinuxProcessor::go_elsewhere() noexcept {
    if (CPU_COUNT(&elsewhere_) != 0 &&
        ::pthread_setaffinity_np(thread_.native_handle(), sizeof elsewhere_, &elsewhere_) == 0) {
        // Only now: whoever comes home before that would be sent away afterwards.
        is_away_.store(true, std::memory_order_relaxed);
    }
}

void LinuxProcessor::come_home() noexcept {
    const int home = home_.load(std::memory_order_relaxed);
    if (is_away_.exchange(false, std::memory_order_relaxed) && home != unknown_cpu) {
        stay_on(static_cast<unsigned>(home));
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

int LinuxProcessor::watch(int fd, std::uint32_t events, Watch& watch) noexcept {
    watch.arm();
    epoll_event event = {.events = events | EPOLLET, .data = {.ptr = &watch}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void LinuxProcessor::unwatch(int fd, Watch& watch) noexcept {
    watch.retire();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void LinuxProcessor::start(std::function<void()> enter, std::optional<unsigned> cpu) {
    {
        const Lock lock(mutex_);
        queues_.start();
    }
    if (cpu) {
        home_ = static_cast<int>(*cpu);
        ::sched_getaffinity(::getpid(), sizeof elsewhere_, &elsewhere_);
        CPU_CLR(*cpu, &elsewhere_);
    }
    thread_ = std::thread([this, cpu, enter = std::move(enter)] {
        name_this_thread(name_);
        if (cpu) {
            stay_on(*cpu);
        }
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
    while (!is_finished()) {
        deliver_events(prepare_to_wait());
        run_tasks();
        expire_timers();
    }
}

bool LinuxProcessor::is_finished() noexcept {
    const Lock lock(mutex_);
    return queues_.is_finished();
}

std::optional<Duration> LinuxProcessor::prepare_to_wait() noexcept {
    const Lock lock(mutex_);
    if (!queues_.may_sleep() || looks_out()) {
        return Duration::zero();
    }
    const std::optional<Instant> until = queues_.fall_asleep();
    if (!until) {
        return std::nullopt;
    }
    return std::max(*until - clock_.now(), Duration::zero());
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

void LinuxProcessor::deliver_events(std::optional<Duration> timeout) noexcept {
    epoll_event events[batch_size];
    const bool sleeps = timeout != Duration::zero();
    if (sleeps) {
        occupancy_.leave();
    }
    const int count = fetch_events(events, timeout);
    if (sleeps) {
        cpu_.store(::sched_getcpu(), std::memory_order_relaxed);
        come_back();
    }
    end_sleep();
    for (int i = 0; i < count; ++i) {
        Watch* const watch = static_cast<Watch*>(events[i].data.ptr);
        // A watch may have been retired by a delivery of this very batch.
        if (watch != nullptr && watch->is_armed()) {
            if (is_away_.load(std::memory_order_relaxed)) {
                come_home();
            }
            occupancy_.give_way();
            watch->on_events(events[i].events);
        }
    }
}

int LinuxProcessor::fetch_events(epoll_event* events, std::optional<Duration> timeout) noexcept {
    if (!timeout || *timeout == Duration::zero()) {
        return ::epoll_wait(epoll_.get(), events, batch_size, timeout ? 0 : -1);
    }
    // Called by number: the C library may be older than the kernel.
    const timespec exact = to_timespec(*timeout);
    const long count =
        ::syscall(SYS_epoll_pwait2, epoll_.get(), events, batch_size, &exact, nullptr, 0);
    if (count >= 0 || errno != ENOSYS) {
        return static_cast<int>(count);
    }
    const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(*timeout).count();
    const int longest = INT_MAX;
    return ::epoll_wait(epoll_.get(),
                        events,
                        batch_size,
                        static_cast<int>(std::min<std::int64_t>(rounded_up, longest)));
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

void LinuxProcessor::wake_up() noexcept {
    ::eventfd_write(wake_.get(), 1);
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

// Its lock is not needed for that.
void LinuxProcessor::end_sleep() noexcept OWSK_NO_THREAD_SAFETY_ANALYSIS {
    queues_.wake();
}

}  // namespace owsk::host
