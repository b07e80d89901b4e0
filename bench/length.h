// SPDX-License-Identifier: MIT
// How long to measure: for a time, or for a number of operations when it is instructions that are
// counted.
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

using Clock = std::chrono::steady_clock;

struct Length {
    std::chrono::duration<double> time{0};
    uint64_t operations = 0;  // 0: for `time`

    // What goes before, until caches are warm and memory has grown.
    Length warm_up() const { return {time / 10, (operations + 9) / 10}; }
};

// A measurement that has begun.
class Progress {
  public:
    explicit Progress(const Length& length)
        : operations_(length.operations),
          end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(length.time)) {}

    bool over(uint64_t done) const {
        return operations_ != 0 ? done >= operations_ : Clock::now() >= end_;
    }

  private:
    const uint64_t operations_;
    const Clock::time_point end_;
};

}  // namespace bench
