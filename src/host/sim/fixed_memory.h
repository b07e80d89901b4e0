// SPDX-License-Identifier: MIT
// FixedMemory: what drivers of one World see the addresses of, and the stacks of its threads. It
// begins at a fixed place of the address space, and whoever asks for the same in the same order
// gets the same addresses: threads take turns, so the order is that of the seed. Nothing of ours
// that a driver does not see is in it, so that what else the process does changes nothing.
//
// A World on another thread at the same time has the next place, and one that begins after the end
// of another has its place again. Under the address and thread sanitizers there is none of it:
// theirs is the memory then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "host/sim/real_thread.h"

namespace owsk::host {

class FixedMemory {
  public:
    // Not under a sanitizer.
    static bool exists() noexcept;

    FixedMemory();
    // Everything in it goes.
    ~FixedMemory();
    FixedMemory(const FixedMemory&) = delete;
    FixedMemory& operator=(const FixedMemory&) = delete;

    // Null when there is none.
    void* allocate(std::size_t size, std::size_t alignment) noexcept;
    // None when there is none.
    Stack new_stack() noexcept;
    void free_stack(const Stack& stack) noexcept;

  private:
    // Takes memory back into the World it came from; nothing if that has ended.
    static void free(void* memory) noexcept;
    void take_back(std::uintptr_t memory) noexcept;
    // So many units at the end of what is used; 0 when there are none.
    std::uintptr_t grow(std::size_t units) noexcept;
    // Makes a place usable. False if somebody else has it, or the system has no memory.
    bool map(std::uintptr_t place, std::size_t size) noexcept;

    unsigned slot_ = 0;
    std::uintptr_t begin_ = 0;  // 0: no place for this World
    std::uintptr_t end_ = 0;    // of what is used
    // The size of the pieces in each unit; 0 in one that continues a piece.
    std::vector<std::size_t> piece_sizes_;
    // Free pieces by size. The last one that was given back is the first that is given out.
    std::map<std::size_t, std::vector<std::uintptr_t>> free_;
    std::vector<std::uintptr_t> free_stacks_;
    unsigned stacks_ = 0;
};

}  // namespace owsk::host
