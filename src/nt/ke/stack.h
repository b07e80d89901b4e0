// SPDX-License-Identifier: MIT
// Stack: where a thread was, kept cheaply and written out only when a report needs it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "nt/ke/driver_images.h"

namespace owsk::nt::ke {

class Stack {
  public:
    Stack() = default;
    // The caller's stack, innermost frame first, without the innermost `skip` frames.
    static Stack capture(unsigned skip = 0) noexcept;
    // Return addresses that were noted otherwise, as far as they are not null.
    static Stack of(std::span<void* const> frames) noexcept;

    // For the handler of a signal: the stack from the given instruction on, without the handler's
    // own frames. An instruction that is a return address `is_return`s.
    static Stack capture_at(const void* instruction, bool is_return) noexcept;

    bool empty() const noexcept { return count_ == 0; }
    // One indented line for each frame. With `inner`, without those that are at the top because the
    // stack was captured there: the functions whose names begin so, and what they have called.
    std::string to_text(const char* inner = nullptr) const;

    // Whose code it was: the innermost frame that is not the C library's.
    Side innermost_side() const;
    // The innermost frame that is a driver's, as a line of to_text() has it; empty without one.
    std::string driver_place() const;
    // The function that the driver's innermost frame has called, if there are both.
    std::string called_by_driver() const;

    // As numbers and names of modules, without memory or locks of ours: for what ends badly.
    void write_raw(int descriptor) const noexcept;

  private:
    std::size_t first_outside(const char* inner) const;
    // Nothing: none is a driver's.
    std::optional<std::size_t> first_of_driver() const;
    // How far before the frame's address the instruction is that it stands for.
    std::uintptr_t back_of(std::size_t frame) const noexcept {
        return frame == 0 && first_is_exact_ ? 0 : 1;
    }

    static constexpr std::size_t depth_max = 32;

    std::array<void*, depth_max> frames_{};
    std::size_t count_ = 0;
    bool first_is_exact_ = false;  // and not a return address
};

// "name+0x12 (module)", as far as the program's symbols tell.
std::string symbol_of(const void* address);

}  // namespace owsk::nt::ke
