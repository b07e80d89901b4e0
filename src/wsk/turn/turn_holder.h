// SPDX-License-Identifier: MIT
// TurnHolder: which thread has a turn now, and how many of its calls are inside one another.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/assert.h"

namespace owsk::wsk {

// The socket's lock guards it.
class TurnHolder {
  public:
    bool is_held() const noexcept { return depth_ != 0; }
    bool is_mine() const noexcept { return depth_ != 0 && holder_ == this_thread(); }

    // It is free, or the calling thread has it already.
    void enter() noexcept {
        OWSK_ASSERT(depth_ == 0 || is_mine());
        holder_ = this_thread();
        ++depth_;
    }
    // True when it is free now.
    bool leave() noexcept {
        OWSK_ASSERT(is_mine());
        return --depth_ == 0;
    }

  private:
    // A number for each thread; half of a pointer, as every socket has one of these.
    static std::uint32_t this_thread() noexcept {
        static constinit std::atomic<std::uint32_t> last = 0;
        static constinit thread_local std::uint32_t number = 0;
        if (number == 0) {
            number = last.fetch_add(1, std::memory_order_relaxed) + 1;
        }
        return number;
    }

    std::uint32_t holder_ = 0;
    std::uint32_t depth_ = 0;
};

}  // namespace owsk::wsk
