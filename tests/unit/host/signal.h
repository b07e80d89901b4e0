// SPDX-License-Identifier: MIT
// Signal: something that happens once and that a test waits for. Unlike a promise it may be
// destroyed as soon as the wait is over, while raise() is still returning.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace owsk {

class Signal {
  public:
    void raise() {
        const std::lock_guard lock(mutex_);
        raised_ = true;
        changed_.notify_all();
    }
    // False if it never comes: nothing that a test waits for takes so long.
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return raised_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool raised_ = false;
};

}  // namespace owsk
