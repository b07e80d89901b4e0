// SPDX-License-Identifier: MIT
// Who waits for whom, as far as all of them spin.
#include "nt/ke/spin_watch.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "nt/ke/bug_check.h"
#include "nt/ke/spin_lock.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

// Rounds between two looks at the clock.
constexpr unsigned rounds_between = 1024;
constexpr std::chrono::seconds long_time{1};

std::string lock_text(const KSPIN_LOCK* lock) {
    char text[48];
    std::snprintf(text,
                  sizeof text,
                  "spin lock 0x%llx",
                  static_cast<unsigned long long>(reinterpret_cast<ULONG_PTR>(lock)));
    return text;
}

KSPIN_LOCK owner_of(const KSPIN_LOCK* lock) noexcept {
    return __atomic_load_n(lock, __ATOMIC_ACQUIRE) & ~KSPIN_LOCK{1};
}

}  // namespace

void SpinWatch::add(const Waiter& waiter) {
    const Lock lock(mu_);
    waiters_.push_back(waiter);
}

void SpinWatch::remove(const ps::Thread& thread) noexcept {
    const Lock lock(mu_);
    std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.thread == &thread; });
}

// The thread that holds the lock, if it spins itself.
std::optional<SpinWatch::Waiter> SpinWatch::holder_of_locked(const KSPIN_LOCK* lock) const {
    const KSPIN_LOCK owner = owner_of(lock);
    const auto found =
        std::find_if(waiters_.begin(), waiters_.end(), [owner](const Waiter& waiter) {
            return reinterpret_cast<KSPIN_LOCK>(waiter.thread->kthread()) == owner;
        });
    return found == waiters_.end() ? std::nullopt : std::optional(*found);
}

void SpinWatch::require_no_circle(const ps::Thread& thread) const {
    std::string sentence;
    std::optional<Waiter> other;
    ULONG_PTR object = 0;
    {
        const Lock lock(mu_);
        const auto self = std::find_if(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) {
            return waiter.thread == &thread;
        });
        std::optional<Waiter> at = self == waiters_.end() ? std::nullopt : std::optional(*self);
        for (std::size_t left = waiters_.size(); at && left > 0; --left) {
            const std::optional<Waiter> holder = holder_of_locked(at->lock);
            if (!holder) {
                return;
            }
            sentence += (sentence.empty() ? "" : ", and ") + at->thread->description() +
                        " waits for " + lock_text(at->lock) + ", which " +
                        holder->thread->description() + " holds";
            if (!other) {
                other = holder;
                object = reinterpret_cast<ULONG_PTR>(at->lock);
            }
            if (holder->thread == &thread) {
                break;
            }
            at = holder;
        }
        if (!at || !other || holder_of_locked(at->lock)->thread != &thread) {
            return;
        }
    }
    broken_rule(Rule::spin_locks_deadlocked,
                {.parameters = {object, reinterpret_cast<ULONG_PTR>(thread.kthread())},
                 .sentence = "Threads wait for each other's spin locks: " + sentence + '.',
                 .other_title = "where " + other->thread->description() + " waits",
                 .other = &other->stack});
}

std::string SpinWatch::describe() const {
    std::string text;
    const Lock lock(mu_);
    for (const Waiter& waiter : waiters_) {
        const std::optional<Waiter> holder = holder_of_locked(waiter.lock);
        text += (text.empty() ? "" : "; ") + waiter.thread->description() + " spins for " +
                lock_text(waiter.lock) + ", which " +
                (holder ? holder->thread->description() + " holds, which spins too"
                        : std::string("a thread holds that does not spin")) +
                ", at " + waiter.stack.driver_place();
    }
    return text;
}

LongSpin::~LongSpin() {
    if (is_watched_) {
        System::current().spin_watch.remove(ps::current_thread());
    }
}

void LongSpin::round(unsigned number) {
    if (number % rounds_between == rounds_between - 1) {
        look();
    }
}

void LongSpin::look() {
    System& system = System::current();
    const Instant now = system.host().clock().now();
    if (!since_) {
        since_ = now;
    } else if (!is_watched_ && now - *since_ >= long_time) {
        is_watched_ = true;
        system.spin_watch.add({lock_, &ps::current_thread(), Stack::capture(2)});
    } else if (is_watched_) {
        system.spin_watch.require_no_circle(ps::current_thread());
    }
}

}  // namespace owsk::nt::ke
