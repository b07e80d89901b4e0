// SPDX-License-Identifier: MIT
// No lock is needed: who calls has the turn, or is an event of the world, when nobody has.
#include "host/sim/sim_processor.h"

#include <utility>

#include "base/assert.h"

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
    tasks_.push(task);
    parker_.unpark();
    pass(Point::queue_work);
}

void SimProcessor::set_timer(Timer& timer, Instant due) noexcept {
    require_right_thread("Processor::set_timer");
    timers_.set(timer, due);
    arm();
}

bool SimProcessor::cancel_timer(Timer& timer) noexcept {
    require_right_thread("Processor::cancel_timer");
    const bool was_set = timers_.cancel(timer);
    arm();
    return was_set;
}

void SimProcessor::arm() noexcept {
    const std::optional<Instant> earliest = timers_.earliest();
    if (earliest) {
        world_.events().set_timer(*this, *earliest);
    } else {
        world_.events().cancel_timer(*this);
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
    const Arrival arrival{*this, next_number_++};
    if (!Arrival::is_served(&arrival)) {
        const std::string what = name_ + ", on which another thread is at DISPATCH_LEVEL";
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
        leave();
        enter();
    }
}

bool SimProcessor::start(std::function<void()> enter) {
    stopping_ = false;
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
    stopping_ = true;
    parker_.unpark();
    thread_->join();
    thread_.reset();
}

bool SimProcessor::has_work() const noexcept {
    const std::optional<Instant> earliest = timers_.earliest();
    return !tasks_.empty() || (earliest && *earliest <= world_.now());
}

void SimProcessor::loop() noexcept {
    for (;;) {
        enter();
        run_tasks();
        expire_timers();
        leave();
        if (!tasks_.empty()) {
            continue;
        }
        if (stopping_) {
            return;
        }
        if (!has_work()) {
            parker_.park(std::nullopt, {Sleep::For::work, "work"});
        }
    }
}

void SimProcessor::run_tasks() noexcept {
    // What the tasks post waits for the next turn: a task that posts itself starves nothing.
    for (std::size_t left = tasks_.size(); left > 0; --left) {
        pass(Point::queue_work);
        Task* const task = tasks_.pop();
        ++tasks_run_;
        give_way();
        task->run();
    }
}

void SimProcessor::expire_timers() noexcept {
    const Instant now = world_.now();
    for (std::size_t left = timers_.size(); left > 0; --left) {
        Timer* const timer = timers_.pop_due(now);
        if (timer == nullptr) {
            return;
        }
        arm();
        pass(Point::queue_work);
        give_way();
        timer->expire();
    }
}

}  // namespace owsk::host
