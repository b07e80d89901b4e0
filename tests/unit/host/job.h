// SPDX-License-Identifier: MIT
// Job and Alarm: a task and a timer that call a function.
#pragma once

#include <functional>
#include <utility>

#include "host/host.h"

namespace owsk::host {

class Job final : public Task {
  public:
    enum class Kind { own_thread_only, any_thread };

    explicit Job(std::function<void()> body, Kind kind = Kind::own_thread_only)
        : body_(std::move(body)), kind_(kind) {}
    void run() noexcept override { body_(); }
    bool may_run_in_place() const noexcept override { return kind_ == Kind::any_thread; }

  private:
    const std::function<void()> body_;
    const Kind kind_;
};

class Alarm final : public Timer {
  public:
    explicit Alarm(std::function<void()> body) : body_(std::move(body)) {}
    void expire() noexcept override { body_(); }

  private:
    const std::function<void()> body_;
};

}  // namespace owsk::host
