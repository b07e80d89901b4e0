// SPDX-License-Identifier: MIT
// HandProcessor: a processor whose tasks run when the test says so.
#pragma once

#include <deque>

#include "host/host.h"

namespace owsk::net {

class HandProcessor final : public host::Processor {
  public:
    unsigned number() const noexcept override { return 0; }
    bool is_current() const noexcept override { return true; }
    void post(host::Task& task) noexcept override {
        for (const host::Task* queued : tasks_) {
            if (queued == &task) {
                return;
            }
        }
        tasks_.push_back(&task);
    }
    void set_timer(host::Timer&, Instant) noexcept override {}
    bool cancel_timer(host::Timer&) noexcept override { return false; }
    void enter() noexcept override {}
    bool try_enter() noexcept override { return true; }
    void leave() noexcept override {}

    // Runs what is queued, and what that queues.
    void run() {
        while (!tasks_.empty()) {
            host::Task* task = tasks_.front();
            tasks_.pop_front();
            task->run();
        }
    }

  private:
    std::deque<host::Task*> tasks_;
};

}  // namespace owsk::net
