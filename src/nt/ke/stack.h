// SPDX-License-Identifier: MIT
// Stack: where a thread was, kept cheaply and written out only when a report needs it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace owsk::nt::ke {

class Stack {
  public:
    Stack() = default;
    // The caller's stack, innermost frame first, without the innermost `skip` frames.
    static Stack capture(unsigned skip = 0) noexcept;
    // Return addresses that were noted otherwise, as far as they are not null.
    static Stack of(std::span<void* const> frames) noexcept;

    bool empty() const noexcept { return count_ == 0; }
    // One indented line for each frame. With `inner`, without those that are at the top because the
    // stack was captured there: the functions whose names begin so, and what they have called.
    std::string to_text(const char* inner = nullptr) const;

  private:
    std::size_t first_outside(const char* inner) const;

    static constexpr std::size_t depth_max = 32;

    std::array<void*, depth_max> frames_{};
    std::size_t count_ = 0;
};

// "name+0x12 (file)", as far as the program's symbols tell.
std::string symbol_of(const void* address);

}  // namespace owsk::nt::ke
