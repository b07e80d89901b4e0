// SPDX-License-Identifier: MIT
// What a simulated thread is on the machine we run on: how it sleeps until its turn, and
// the name that debuggers show. The one place where host/sim touches the real system.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace owsk::host {

// The right to run, handed from thread to thread. One thread waits for it at most.
class Baton {
  public:
    void give() noexcept;
    // Sleeps until it is given.
    void take() noexcept;

  private:
    enum State : std::uint32_t { away, here, awaited };

    std::atomic<std::uint32_t> state_ = away;
};

// Memory for the stack of a thread; none: the system gives one.
struct Stack {
    void* lowest = nullptr;
    std::size_t size = 0;
};

// A thread of the system, on a stack of ours.
class RealThread {
  public:
    RealThread() = default;
    RealThread(const RealThread&) = delete;
    RealThread& operator=(const RealThread&) = delete;

    // False when the system has no more threads to give. Once. The stack outlives the thread.
    bool start(std::function<void()> body, const Stack& stack);
    void join() noexcept;
    bool is_running() const noexcept { return running_; }

  private:
    pthread_t thread_ = {};
    bool running_ = false;
};

// Names the calling thread. Linux shows the first 15 bytes.
void name_real_thread(const std::string& name) noexcept;

}  // namespace owsk::host
