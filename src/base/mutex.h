// SPDX-License-Identifier: MIT
// Mutex: a lock with a rank and thread-safety annotations. Locks are taken in rising rank, and none
// is held while driver code runs; both rules are checked at run time, in every build.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/assert.h"
#include "base/interleave.h"

#if defined(__clang__)
#define OWSK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define OWSK_THREAD_ANNOTATION(x)
#endif
#define OWSK_CAPABILITY(name) OWSK_THREAD_ANNOTATION(capability(name))
#define OWSK_SCOPED_CAPABILITY OWSK_THREAD_ANNOTATION(scoped_lockable)
#define OWSK_GUARDED_BY(mutex) OWSK_THREAD_ANNOTATION(guarded_by(mutex))
#define OWSK_REQUIRES(...) OWSK_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define OWSK_EXCLUDES(...) OWSK_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define OWSK_ACQUIRE(...) OWSK_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define OWSK_RELEASE(...) OWSK_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define OWSK_RETURN_CAPABILITY(mutex) OWSK_THREAD_ANNOTATION(lock_returned(mutex))
#define OWSK_NO_THREAD_SAFETY_ANALYSIS OWSK_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace owsk {

// Outer locks first. A thread that holds a lock takes only locks of a higher rank.
enum class Rank : std::uint8_t {
    registry,    // wsk: the registrations of a machine
    client,      // wsk: one registered client
    bindings,    // wsk: the local addresses in use
    socket,      // wsk: one socket
    sockets,     // wsk: the list of a client's sockets
    network,     // net: how the conditional listeners of a network work
    rules,       // net: the packet filter's rules of a network
    attempt,     // net: one attempt
    gate,        // net: the attempts of one listener
    transport,   // net: one connection or listener
    executive,   // nt: drivers, modules, registry values
    dispatcher,  // nt: dispatcher objects, waits, timers, DPCs
    tracker,     // nt: what the driver owns (pool blocks, IRPs, MDLs, handles)
    loops,       // host: the loops that stay on a CPU
    processor,   // host: the queue of one processor
    observer,    // probe: an observer's own state
};

class OWSK_CAPABILITY("mutex") Mutex {
  public:
    explicit Mutex(Rank rank) noexcept : bit_(1U << static_cast<unsigned>(rank)) {}
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() noexcept OWSK_ACQUIRE() {
        pass(Point::lock);
        OWSK_ASSERT(detail::held_ranks < bit_);
        std::uint32_t state = open;
        if (!state_.compare_exchange_strong(
                state, taken, std::memory_order_acquire, std::memory_order_relaxed)) {
            wait_and_take();
        }
        detail::held_ranks |= bit_;
    }
    void unlock() noexcept OWSK_RELEASE() {
        detail::held_ranks &= ~bit_;
        // In one order with all else: the look whether somebody sleeps must not come before it.
        if (state_.exchange(open, std::memory_order_seq_cst) == awaited) {
            wake_one();
        }
        pass(Point::lock);
    }

  private:
    // Awaited: taken, and somebody may be asleep until it is open. Not std::mutex, which has 40
    // bytes, two of them for each connection, and calls a function for either step.
    static constexpr std::uint32_t open = 0;
    static constexpr std::uint32_t taken = 1;
    static constexpr std::uint32_t awaited = 2;

    void wait_and_take() noexcept;
    void wake_one() noexcept;

    std::atomic<std::uint32_t> state_ = open;
    const std::uint32_t bit_;
};

class OWSK_SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex& mutex) noexcept OWSK_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() OWSK_RELEASE() {
        if (held_) {
            mutex_.unlock();
        }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    // For code that leaves the lock before its scope ends, to call out.
    void unlock() noexcept OWSK_RELEASE() {
        held_ = false;
        mutex_.unlock();
    }
    void lock() noexcept OWSK_ACQUIRE() {
        mutex_.lock();
        held_ = true;
    }

  private:
    Mutex& mutex_;
    bool held_ = true;
};

}  // namespace owsk
