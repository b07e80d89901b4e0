// SPDX-License-Identifier: MIT
// EventProcessor: a processor whose tasks are events of virtual time.
#pragma once

#include "host/sim/event_queue.h"
#include "host/task_queue.h"

namespace owsk::net {

class EventProcessor final : public host::Processor, private host::Timer {
  public:
    explicit EventProcessor(host::EventQueue& events) noexcept : events_(events) {}

    unsigned number() const noexcept override { return 0; }
    bool is_current() const noexcept override { return running_; }
    void post(host::Task& task) noexcept override {
        tasks_.push(task);
        events_.set_timer(*this, events_.now());
    }
    void set_timer(host::Timer& timer, Instant due) noexcept override {
        events_.set_timer(timer, due);
    }
    bool cancel_timer(host::Timer& timer) noexcept override { return events_.cancel_timer(timer); }
    void enter() noexcept override {}
    bool try_enter() noexcept override { return true; }
    void leave() noexcept override {}

  private:
    void expire() noexcept override {
        running_ = true;
        while (host::Task* const task = tasks_.pop()) {
            task->run();
        }
        running_ = false;
    }

    host::EventQueue& events_;
    host::TaskQueue tasks_;
    bool running_ = false;
};

}  // namespace owsk::net
