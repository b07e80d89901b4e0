// SPDX-License-Identifier: MIT
// Where pool blocks begin, by address, so that the block around an address is found without a
// search through memory. One index for the process, as the blocks of all machines lie in the same
// memory. Asking takes no lock. It knows the line of 64 bytes in which a block begins: with its
// header a block is larger than that, so there is one for each, and the index is small.
#pragma once

#include <cstddef>
#include <cstdint>

namespace owsk::nt::ex {

// An address in the middle of a block is found if the block begins at most this far before it.
inline constexpr std::uintptr_t block_reach = 1024 * 1024;

inline constexpr std::uintptr_t block_line = 64;

// A block begins at `start`. Without memory for that the index does not know it.
void index_block(std::uintptr_t start) noexcept;
void unindex_block(std::uintptr_t start) noexcept;
// Whether a block begins in the line of `address`.
bool is_indexed(std::uintptr_t address) noexcept;
// The last line in which a block begins, that of `address` or one before it; 0 if there is none in
// reach.
std::uintptr_t last_block_line(std::uintptr_t address) noexcept;

}  // namespace owsk::nt::ex
