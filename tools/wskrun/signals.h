// SPDX-License-Identifier: MIT
// Signals: Ctrl-C, SIGTERM and SIGHUP, which stop the run, and SIGUSR1, which asks how it goes;
// taken by a thread of their own, never in a handler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "progress.h"

namespace wskrun {

class Signals {
  public:
    // Called on the thread of the signals.
    struct Actions {
        std::function<void()> report;
        // Who makes the orderly end impossible, as far as that can be seen; may be empty.
        std::function<std::string()> stuck_threads;
        std::function<void()> end_at_once;  // does not return
    };

    // The first signal to stop asks for an orderly end, the second says what that waits for, the
    // third calls `end_at_once`. Precondition: no other thread runs yet, so that all threads
    // inherit that these signals are blocked.
    Signals(const Progress& progress, Actions actions);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    bool requested() const;
    // Sleeps until the first signal to stop has come, or the time is over.
    void wait(std::optional<std::chrono::duration<double>> time);
    // The orderly end has begun, asked for or not: the next signal to stop is the second at least.
    void end_has_begun();

  private:
    void take_signals();
    void stop(int number);

    const Progress& progress_;
    const Actions actions_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
    bool ending_ = false;
    std::thread thread_;  // last, because it uses the others
};

}  // namespace wskrun
