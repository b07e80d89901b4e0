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
    // The innermost frames, by the frame pointers, which our own code has and drivers of
    // openwsk_add_driver have. Where a caller has none, it is the last one.
    static CallPlace here() noexcept;

    bool empty() const noexcept { return frames_[0] == nullptr; }
    Stack stack() const noexcept { return Stack::of(frames_); }

  private:
    std::array<void*, 8> frames_{};
};

}  // namespace owsk::nt::ke
