// SPDX-License-Identifier: MIT
// Prng: a small seeded generator (SplitMix64). The same seed gives the same sequence everywhere.
#pragma once

#include <cstdint>

namespace owsk {

class Prng {
  public:
    explicit constexpr Prng(std::uint64_t seed) noexcept : state_(seed) {}

    constexpr std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31);
    }

    // Evenly from 0 to `end` - 1, to within what nobody can measure. Precondition: end > 0.
    constexpr std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }

    // A generator of its own for another purpose: how often one is asked changes nothing for the
    // other.
    constexpr Prng split() noexcept { return Prng(next()); }

    // True in about `percent` of 100 calls.
    constexpr bool chance(unsigned percent) noexcept { return below(100) < percent; }

  private:
    std::uint64_t state_;
};

}  // namespace owsk
