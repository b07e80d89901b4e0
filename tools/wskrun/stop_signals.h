// SPDX-License-Identifier: MIT
// StopSignals: Ctrl-C, SIGTERM and SIGHUP, taken by a thread of their own, never in a handler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "progress.h"

namespace wskrun {

class StopSignals {
  public:
    // The first signal asks for an orderly end, the second says what that waits for, the third
    // calls `end_at_once`, which does not return. Precondition: no other thread runs yet, so that
    // all threads inherit that these signals are blocked.
    StopSignals(const Progress& progress, std::function<void()> end_at_once);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    bool requested() const;
    // Sleeps until the first signal has come, or the time is over.
    void wait(std::optional<std::chrono::duration<double>> time);
    // The orderly end has begun, asked for or not: the next signal is the second at least.
    void end_has_begun();

  private:
    void take_signals();
    void on_signal(int number);

    const Progress& progress_;
    const std::function<void()> end_at_once_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
    bool ending_ = false;
    std::thread thread_;  // last, because it uses the others
};

}  // namespace wskrun
