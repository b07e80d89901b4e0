// SPDX-License-Identifier: MIT
// Where pool blocks begin, by address, so that the block around an address is found without a
// search through memory. One index for the process, as the blocks of all machines lie in the same
// memory. Asking takes no lock. It knows the line of 64 bytes in which a block begins: with its
// header a block is larger than that, so there is one for each, and the index is small.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace owsk::nt::ex {

// An address in the middle of a block is found if the block begins at most this far before it.
inline constexpr std::uintptr_t block_reach = 1024 * 1024;

inline constexpr std::uintptr_t block_line = 64;

namespace detail {

// From the lowest bit of an address up: its place in a line, the line in a page, the page in a
// leaf, the leaf in a branch, the branch.
inline constexpr unsigned line_shift = 6;
inline constexpr unsigned page_shift = 12;
inline constexpr unsigned leaf_shift = 21;
inline constexpr unsigned branch_shift = 34;
inline constexpr unsigned address_bits = 47;

struct Leaf {
    static constexpr std::size_t pages = std::size_t{1} << (leaf_shift - page_shift);
    // Whether a block begins in a page, or has begun there once.
    std::array<std::uint64_t, pages / 64> used;
    // The lines of each page.
    std::array<std::uint64_t, pages> begins;
};

struct Branch {
    static constexpr std::size_t size = std::size_t{1} << (branch_shift - leaf_shift);
    std::array<Leaf*, size> leaves;
};

inline constexpr std::size_t branches = std::size_t{1} << (address_bits - branch_shift);
inline constinit std::array<Branch*, branches> root = {};

// Null: none was ever needed.
inline Leaf* find_leaf(std::uintptr_t address) noexcept {
    const std::uintptr_t number = address >> branch_shift;
    const Branch* const branch =
        number < branches ? __atomic_load_n(&root[number], __ATOMIC_ACQUIRE) : nullptr;
    return branch == nullptr
               ? nullptr
               : __atomic_load_n(&branch->leaves[(address >> leaf_shift) % Branch::size],
                                 __ATOMIC_ACQUIRE);
}

// The lines in the page of `address`, a bit for each.
inline std::uint64_t lines_of_page(const Leaf& leaf, std::uintptr_t address) noexcept {
    return __atomic_load_n(&leaf.begins[(address >> page_shift) % Leaf::pages], __ATOMIC_ACQUIRE);
}

// The last line in the page of `address`, not behind it; 0 if there is none.
inline std::uintptr_t last_in_page(const Leaf& leaf, std::uintptr_t address) noexcept {
    const unsigned behind = 63 - (address >> line_shift) % 64;
    const std::uint64_t bits = lines_of_page(leaf, address) << behind;
    const std::uintptr_t line = address >> line_shift << line_shift;
    return bits == 0 ? 0
                     : line - (static_cast<std::uintptr_t>(std::countl_zero(bits)) << line_shift);
}
std::uintptr_t last_line_before_page(std::uintptr_t address) noexcept;

// In the word of its page.
inline std::uint64_t line_mask(std::uintptr_t address) noexcept {
    return std::uint64_t{1} << (address >> line_shift) % 64;
}

}  // namespace detail

// A block begins at `start`. Without memory for that the index does not know it.
void index_block(std::uintptr_t start) noexcept;
void unindex_block(std::uintptr_t start) noexcept;
// Whether a block begins in the line of `address`.
inline bool is_indexed(std::uintptr_t address) noexcept {
    const detail::Leaf* const leaf = detail::find_leaf(address);
    return leaf != nullptr &&
           (detail::lines_of_page(*leaf, address) & detail::line_mask(address)) != 0;
}
// The last line in which a block begins, that of `address` or one before it; 0 if there is none in
// reach.
inline std::uintptr_t last_block_line(std::uintptr_t address) noexcept {
    const detail::Leaf* const leaf = detail::find_leaf(address);
    const std::uintptr_t line = leaf == nullptr ? 0 : detail::last_in_page(*leaf, address);
    return line != 0 ? line : detail::last_line_before_page(address);
}

}  // namespace owsk::nt::ex
