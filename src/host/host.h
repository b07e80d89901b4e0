// SPDX-License-Identifier: MIT
// The machine we run on, as the floors above see it: time, threads, processors, randomness.
// Implemented by host/linux (the real machine) and by host/sim (virtual time).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "host/files.h"

namespace owsk::host {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const noexcept = 0;
    // 100 ns units since 1601-01-01 UTC, as KeQuerySystemTime counts.
    virtual std::int64_t system_time() const noexcept = 0;
};

// Work for a processor. The owner keeps the task alive until run() is entered, or until the
// processor's stop() has returned; run() may destroy the task.
class Task {
  public:
    virtual void run() noexcept = 0;
    // Whether a thread that acts as the processor may run it. Not if it ends the life of something
    // that waits for transport events: the processor may have fetched some already.
    virtual bool may_run_in_place() const noexcept { return false; }

  protected:
    Task() = default;
    ~Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

  private:
    friend class TaskQueue;
    Task* next_ = nullptr;
    bool queued_ = false;
};

// A deadline on a processor. The owner keeps it alive until it has expired or cancel_timer()
// returned true, or, when cancel_timer() returned false, until a task posted afterwards runs.
class Timer {
  public:
    virtual void expire() noexcept = 0;

  protected:
    Timer() = default;
    ~Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

  private:
    friend class TimerQueue;
    // Both are the queue's. An idle connection has timers, and every word of them counts.
    Instant due_{};
    std::uint64_t serial_ = 0;  // among those that are due at the same moment; 0 is not set
};

// A loop thread: runs posted tasks, expired timers and transport events one after another.
class Processor {
  public:
    virtual ~Processor() = default;

    virtual unsigned number() const noexcept = 0;
    // Whether the calling thread is this processor.
    virtual bool is_current() const noexcept = 0;
    // Queues `task`, from any thread. A task that is queued already stays queued once. Tasks run in
    // order, after the transport events that were already fetched.
    virtual void post(Task& task) noexcept = 0;
    // Sets or moves the deadline, from any thread.
    virtual void set_timer(Timer& timer, Instant due) noexcept = 0;
    // True if the timer was set and will now not expire.
    virtual bool cancel_timer(Timer& timer) noexcept = 0;

    // One thread at a time is on a processor: its own, while that runs something, or another one
    // that has entered. Waits for those who came before. Precondition: the calling thread is no
    // processor, and has entered none.
    virtual void enter() noexcept = 0;
    // False where enter() would wait.
    virtual bool try_enter() noexcept = 0;
    virtual void leave() noexcept = 0;
};

// What a sleep is for. It changes nothing on the real machine; the simulation asks when nothing can
// happen any more.
struct Sleep {
    enum class For : std::uint8_t {
        something,  // which somebody has to bring about
        work,       // which need not come: the thread is idle
        reminder,  // the same as `something`; the deadline is there only to say that it still waits
    };
    For purpose = For::something;
    const char* what = "";  // for people: "KeWaitForSingleObject"
    // More of it, asked only when a report needs it. May be null.
    std::string (*details)(const void* object) = nullptr;
    const void* object = nullptr;
};

// A one-token gate on which one thread sleeps.
class Parker {
  public:
    virtual ~Parker() = default;
    // Sleeps until there is a token, and takes it (true), or until the deadline has passed (false).
    virtual bool park(std::optional<Instant> deadline, const Sleep& sleep) noexcept = 0;
    bool park(std::optional<Instant> deadline) noexcept { return park(deadline, {}); }
    // Leaves a token, from any thread. Tokens do not add up.
    virtual void unpark() noexcept = 0;
};

class Thread {
  public:
    // Precondition: joined.
    virtual ~Thread() = default;
    virtual void join() noexcept = 0;
};

class Host {
  public:
    virtual ~Host() = default;

    virtual Clock& clock() noexcept = 0;
    virtual std::uint64_t entropy() noexcept = 0;
    virtual Files& files() noexcept = 0;

    // Starts the processors; each calls `enter` once on its own thread before anything else.
    virtual void start(std::function<void()> enter) = 0;
    // Runs what is posted, then ends the processors. No driver code may be left.
    virtual void stop() noexcept = 0;
    virtual unsigned processor_count() const noexcept = 0;
    virtual Processor& processor(unsigned number) noexcept = 0;
    // The processor that the calling thread is, or acts as; null on all other threads.
    virtual Processor* current_processor() noexcept = 0;

    // Null when the system has no more threads to give. `name` is cut to what the system shows.
    virtual std::unique_ptr<Thread> start_thread(const std::string& name,
                                                 std::function<void()> body) = 0;
    virtual std::unique_ptr<Parker> new_parker() = 0;
    // Lets other threads run, for a loop that waits for one of them.
    virtual void yield() noexcept = 0;
};

}  // namespace owsk::host
