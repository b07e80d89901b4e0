// SPDX-License-Identifier: MIT
// Occupancy: which thread is on a processor. One at a time, in the order in which they came; like a
// lock that is held while driver code runs, which no lock of base/mutex.h may be.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::host {

class Occupancy {
  public:
    // Waits until whoever came before has left.
    void enter() noexcept { wait_until_served(next_.fetch_add(1, std::memory_order_relaxed)); }
    // False if somebody is there, or waits.
    bool try_enter() noexcept;
    void leave() noexcept;
    // Lets those in who wait by now, and comes back after them. Nobody can try_enter() in between:
    // the calling thread has work in its hands that nothing must overtake. Precondition: it is
    // there.
    void give_way() noexcept {
        if (is_wanted()) {
            const std::uint32_t mine = next_.fetch_add(1, std::memory_order_relaxed);
            leave();
            wait_until_served(mine);
        }
    }
    // Whether somebody waits. Precondition: somebody is there.
    bool is_wanted() const noexcept {
        return next_.load(std::memory_order_relaxed) !=
               serving_.load(std::memory_order_relaxed) + 1;
    }
    // Whether nobody is there.
    bool is_free() const noexcept {
        return next_.load(std::memory_order_relaxed) == serving_.load(std::memory_order_relaxed);
    }

  private:
    void wait_until_served(std::uint32_t mine) noexcept;

    // Who comes takes the next number, and is in when it is served.
    std::atomic<std::uint32_t> next_ = 0;
    std::atomic<std::uint32_t> serving_ = 0;
    std::atomic<std::uint32_t> sleepers_ = 0;
};

}  // namespace owsk::host
