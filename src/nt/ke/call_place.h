// SPDX-License-Identifier: MIT
// CallPlace: who called, kept for later at the price of a few loads. A report that names two places
// takes the first of them from here.
#pragma once

#include <array>

#include "nt/ke/stack.h"

namespace owsk::nt::ke {

class CallPlace {
  public:
    CallPlace() = default;
    // Who called the function that asks: the innermost frames, by their frame pointers. Drivers of
    // openwsk_add_driver have them; our own code need not, so that functions that drivers call ask
    // themselves. Where a caller has none, it is the last one.
    static CallPlace here(const void* frame = __builtin_frame_address(0)) noexcept;

    bool empty() const noexcept { return frames_[0] == nullptr; }
    Stack stack() const noexcept { return Stack::of(frames_); }

  private:
    std::array<void*, 8> frames_{};
};

}  // namespace owsk::nt::ke
