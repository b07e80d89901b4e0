// SPDX-License-Identifier: MIT
// Turn: which thread runs completions and callbacks of a socket now, and how many of its calls are
// inside one another. socket.h tells who may take it for what.
#pragma once

#include "base/assert.h"

namespace owsk::wsk {

// The owner's lock guards it.
class Turn {
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

    // It has been put off once.
    bool is_late() const noexcept { return is_late_; }
    void set_late(bool is_late) noexcept { is_late_ = is_late; }

  private:
    // Something that exists once in each thread, at an address that costs no call to get.
    static const void* this_thread() noexcept {
        static constinit thread_local char mark = 0;
        return &mark;
    }

    const void* holder_ = nullptr;
    unsigned depth_ = 0;
    bool is_late_ = false;
};

}  // namespace owsk::wsk
