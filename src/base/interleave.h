// SPDX-License-Identifier: MIT
// Where a thread may be made to wait while others run. On the real machine nobody listens, and such
// a point costs one look. Under the simulation each is a choice of the seed.
#pragma once

#include <cstddef>
#include <cstdint>

// How many simulations there are in this process. Interlocked operations in drivers look at it
// (include/km/wdm/interlocked.h), and at nothing else where there is none.
extern "C" int owsk_simulations;

namespace owsk {

// What the thread is about to do, or has just done.
enum class Point : std::uint8_t {
    lock,        // take or leave a lock of ours
    spin_lock,   // take or leave a lock of the driver
    wait,        // wait for a dispatcher object, or make one signalled
    call,        // enter a WSK function
    complete,    // complete an IRP, before its first completion routine
    cancel,      // cancel an IRP
    call_back,   // call a callback of the driver, or come back from it
    queue_work,  // queue a DPC, a work item or a timer
    memory,      // an Interlocked operation, a barrier, a look at the IRQL, of the driver
    clock,       // ask for the time
};

class Interleaver {
  public:
    // Precondition: the thread holds no lock of ours.
    virtual void pass(Point point) noexcept = 0;
    // Lets others run until `is_over(object)`; `what` says for what it waits, for people.
    virtual void wait_until(bool (*is_over)(const void* object) noexcept,
                            const void* object,
                            const char* what) noexcept = 0;
    // Lets others run, or a little time pass if there is nobody. The same precondition as pass().
    virtual void yield() noexcept = 0;
    // Memory at an address that the seed and the build say; null if there is none.
    virtual void* allocate(std::size_t size, std::size_t alignment) noexcept = 0;
    // How to run this again, for whatever goes wrong; empty if nobody knows.
    virtual const char* replay_line() const noexcept = 0;

  protected:
    ~Interleaver() = default;
};

namespace detail {
// Who decides for the current thread; nobody on the real machine.
inline constinit thread_local Interleaver* interleaver = nullptr;
// One bit for each rank of base/mutex.h that the current thread holds.
inline constinit thread_local std::uint32_t held_ranks = 0;
// Takes back what Interleaver::allocate gave. Set with the first simulation.
using FreeFixed = void (*)(void* memory) noexcept;
inline constinit FreeFixed free_fixed = nullptr;
}  // namespace detail

// Whether threads take turns, so that nothing changes while the calling thread looks at it.
inline bool is_simulated() noexcept {
    return detail::interleaver != nullptr;
}

inline bool holds_no_lock() noexcept {
    return detail::held_ranks == 0;
}

inline void pass(Point point) noexcept {
    if (detail::interleaver != nullptr && holds_no_lock()) {
        detail::interleaver->pass(point);
    }
}

// A driver's loop that waits for others goes round once.
inline void let_others_run() noexcept {
    if (detail::interleaver != nullptr && holds_no_lock()) {
        detail::interleaver->yield();
    }
}

// Waits for something that another thread is about to do. False on the real machine: the caller has
// to wait by itself.
inline bool wait_until(bool (*is_over)(const void* object) noexcept,
                       const void* object,
                       const char* what) noexcept {
    if (detail::interleaver == nullptr) {
        return false;
    }
    detail::interleaver->wait_until(is_over, object, what);
    return true;
}

}  // namespace owsk
