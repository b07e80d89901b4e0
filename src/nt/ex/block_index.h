// SPDX-License-Identifier: MIT
// Where pool blocks begin, by address, so that the block around an address is found without a
// search through memory. One index for the process, as the blocks of all machines lie in the same
// memory. Asking takes no lock.
#pragma once

#include <cstddef>
#include <cstdint>

namespace owsk::nt::ex {

// An address in the middle of a block is found if the block begins at most this far before it.
inline constexpr std::uintptr_t block_reach = 1024 * 1024;

// A block begins at `start`, which is aligned to 16. Without memory for that the index does not
// know it.
void index_block(std::uintptr_t start) noexcept;
void unindex_block(std::uintptr_t start) noexcept;
bool is_indexed(std::uintptr_t start) noexcept;
// Where the last block that does not begin behind `address` begins; 0 if there is none in reach.
std::uintptr_t last_block_start(std::uintptr_t address) noexcept;

}  // namespace owsk::nt::ex
