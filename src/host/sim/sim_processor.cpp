// SPDX-License-Identifier: MIT
// No lock is needed: who calls has the turn, or is an event of the world, when nobody has.
#include "host/sim/sim_processor.h"

#include <utility>

#include "base/assert.h"
#include "host/run_in_place.h"

namespace owsk::host {

namespace {

constinit thread_local SimProcessor* current_processor = nullptr;

}  // namespace

SimProcessor::SimProcessor(World& world, unsigned number, std::string name)
    : world_(world), number_(number), name_(std::move(name)), parker_(world) {}

SimProcessor::~SimProcessor() {
    OWSK_ASSERT(thread_ == nullptr);
    world_.events().cancel_timer(*this);
}

SimProcessor* SimProcessor::current(const World& world) noexcept {
    return world.in_event() ? nullptr : current_processor;
}

void SimProcessor::require_right_thread(const char* function) noexcept {
    if (!world_.in_event()) {
        world_.self(function);
    }
}

void SimProcessor::post(Task& task) noexcept {
    require_right_thread("Processor::post");
    if (queues_.post(task)) {
        wake_up();
    }
    pass(Point::queue_work);
}

void SimProcessor::set_timer(Timer& timer, Instant due) noexcept {
    require_right_thread("Processor::set_timer");
    if (queues_.set_timer(timer, due)) {
        wake_up();
    }
    put_off_alarm();
}

bool SimProcessor::cancel_timer(Timer& timer) noexcept {
    require_right_thread("Processor::cancel_timer");
    const bool was_set = queues_.cancel_timer(timer);
    put_off_alarm();
    return was_set;
}

void SimProcessor::wake_up() noexcept {
    pass(Point::wait);
    parker_.unpark();
}

// Linux would wake the thread for a timer that is gone. Here nothing is to come that nobody waits
// for, so that it is seen when nobody can go on. Only ever later: who brings a timer forward has to
// wake the thread.
void SimProcessor::put_off_alarm() noexcept {
    if (!alarm_ || !queues_.is_asleep()) {
        return;
    }
    const std::optional<Instant> earliest = queues_.earliest_timer();
    if (!earliest) {
        alarm_.reset();
        world_.events().cancel_timer(*this);
    } else if (*earliest > *alarm_) {
        alarm_ = earliest;
        world_.events().set_timer(*this, *alarm_);
    }
}

struct SimProcessor::Arrival {
    const SimProcessor& processor;
    std::uint64_t number;

    static bool is_served(const void* arrival) noexcept {
        const Arrival& self = *static_cast<const Arrival*>(arrival);
        return self.processor.served_number_ == self.number;
    }
};

void SimProcessor::enter() noexcept {
    wait_until_served(next_number_++);
}

void SimProcessor::wait_until_served(std::uint64_t number) noexcept {
    const Arrival arrival{*this, number};
    if (!Arrival::is_served(&arrival)) {
        const std::string what = name_ + ", on which another thread is";
        wait_until(&Arrival::is_served, &arrival, what.c_str());
    }
}

bool SimProcessor::try_enter() noexcept {
    if (next_number_ != served_number_) {
        return false;
    }
    ++next_number_;
    return true;
}

void SimProcessor::leave() noexcept {
    ++served_number_;
}

void SimProcessor::give_way() noexcept {
    if (next_number_ != served_number_ + 1) {
        const std::uint64_t mine = next_number_++;
        leave();
        pass(Point::lock);
        wait_until_served(mine);
    }
}

class SimProcessor::Acting {
  public:
    explicit Acting(SimProcessor& processor) noexcept
        : outer_(std::exchange(current_processor, &processor)) {}
    ~Acting() {
        current_processor = outer_;
        pass(Point::lock);
    }
    Acting(const Acting&) = delete;
    Acting& operator=(const Acting&) = delete;

  private:
    SimProcessor* const outer_;
};

bool SimProcessor::run_in_place(Task& work) noexcept {
    world_.self("Processor::run_in_place");
    pass(Point::lock);
    const bool ran = host::run_in_place(*this, work);
    put_off_alarm();
    return ran;
}

bool SimProcessor::start(std::function<void()> enter) {
    queues_.start();
    thread_ = world_.start_thread(name_, [this, enter = std::move(enter)] {
        current_processor = this;
        if (enter) {
            enter();
        }
        loop();
    });
    return thread_ != nullptr;
}

void SimProcessor::stop() noexcept {
    if (thread_ == nullptr) {
        return;
    }
    queues_.stop();
    wake_up();
    thread_->join();
    thread_.reset();
}

void SimProcessor::loop() noexcept {
    enter();
    while (!queues_.is_finished()) {
        wait_for_work();
        run_tasks();
        expire_timers();
    }
    leave();
}

void SimProcessor::wait_for_work() noexcept {
    pass(Point::lock);
    if (!queues_.may_sleep()) {
        return;
    }
    alarm_ = queues_.fall_asleep();
    if (!alarm_ || *alarm_ > world_.now()) {
        if (alarm_) {
            world_.events().set_timer(*this, *alarm_);
        }
        pass(Point::lock);
        leave();
        parker_.park(std::nullopt, {Sleep::For::work, "work"});
        world_.events().cancel_timer(*this);
        alarm_.reset();
        enter();
    }
    pass(Point::lock);
    queues_.wake();
}

void SimProcessor::run_tasks() noexcept {
    // What the tasks post waits for the next turn: a task that posts itself starves nothing.
    for (std::size_t left = queues_.tasks(); left > 0; --left) {
        pass(Point::queue_work);
        Task* const task = queues_.take_task();
        if (task == nullptr) {
            return;
        }
        give_way();
        task->run();
    }
}

void SimProcessor::expire_timers() noexcept {
    const Instant now = world_.now();
    for (std::size_t left = queues_.timers(); left > 0; --left) {
        Timer* const timer = queues_.take_timer(now);
        if (timer == nullptr) {
            return;
        }
        pass(Point::queue_work);
        give_way();
        timer->expire();
    }
}

}  // namespace owsk::host
