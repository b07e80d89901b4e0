// SPDX-License-Identifier: MIT
// mark_dead: the last word about an object, written into memory that is about to be freed.
#pragma once

namespace owsk {

// So that a pointer to what is gone is noticed as long as nobody else has got the memory. A plain
// store would do nothing: the compiler knows that the object ends, and leaves it out.
template <typename Word>
inline void mark_dead(Word& word, Word mark) noexcept {
    const_cast<volatile Word&>(word) = mark;
    // Nor may it be moved past the end, or merged with what the allocator writes there.
    asm volatile("" : : "r"(&word) : "memory");
}

}  // namespace owsk
