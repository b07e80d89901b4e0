// SPDX-License-Identifier: MIT
// SpinWatch: the threads of a machine that have spun for a spin lock for long. Those that wait for
// each other are a bug check; the others can be shown to people.
#pragma once

#include <wdm.h>

#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "nt/ke/stack.h"

namespace owsk::nt {
class System;
namespace ps {
class Thread;
}
}  // namespace owsk::nt

namespace owsk::nt::ke {

class SpinWatch {
  public:
    struct Waiter {
        const KSPIN_LOCK* lock;
        const ps::Thread* thread;
        Stack stack;
    };

    void add(const Waiter& waiter) OWSK_EXCLUDES(mu_);
    void remove(const ps::Thread& thread) noexcept OWSK_EXCLUDES(mu_);
    // A bug check if the thread, which spins, waits for itself by way of others that spin. Their
    // locks cannot become free any more.
    void require_no_circle(const ps::Thread& thread) const OWSK_EXCLUDES(mu_);
    // For people: a sentence for each thread; empty without any.
    std::string describe() const OWSK_EXCLUDES(mu_);

  private:
    std::optional<Waiter> holder_of_locked(const KSPIN_LOCK* lock) const OWSK_REQUIRES(mu_);

    mutable Mutex mu_{Rank::observer};
    std::vector<Waiter> waiters_ OWSK_GUARDED_BY(mu_);
};

// A wait for a spin lock that the calling thread does not get. Costs nothing until it has lasted
// for a second.
class LongSpin {
  public:
    explicit LongSpin(const KSPIN_LOCK* lock) noexcept : lock_(lock) {}
    ~LongSpin();
    LongSpin(const LongSpin&) = delete;
    LongSpin& operator=(const LongSpin&) = delete;

    // Once more in vain.
    void round(unsigned number);

  private:
    void look();

    const KSPIN_LOCK* const lock_;
    std::optional<Instant> since_;
    bool is_watched_ = false;
};

}  // namespace owsk::nt::ke
