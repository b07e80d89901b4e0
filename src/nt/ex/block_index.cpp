// SPDX-License-Identifier: MIT
// A bit for each line of memory in which a block can begin: a tree of three levels, of which only
// what is needed exists, and nothing goes away.
#include "nt/ex/block_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace owsk::nt::ex {

namespace {

using detail::address_bits;
using detail::Branch;
using detail::branch_shift;
using detail::find_leaf;
using detail::last_in_page;
using detail::Leaf;
using detail::leaf_shift;
using detail::line_mask;
using detail::line_shift;
using detail::page_shift;
using detail::root;

constexpr unsigned word_bits = 64;

using Word = std::uint64_t;

static_assert(block_line == std::uintptr_t{1} << line_shift);
static_assert(page_shift - line_shift == 6, "a word for the lines of a page");

// What an address says, between two of the shifts above.
constexpr std::size_t part(std::uintptr_t address, unsigned low, unsigned high) noexcept {
    return (address >> low) & ((std::uintptr_t{1} << (high - low)) - 1);
}

template <typename Node>
Node* look(Node* const& slot) noexcept {
    return __atomic_load_n(&slot, __ATOMIC_ACQUIRE);
}

Word look(const Word& word) noexcept {
    return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

// All zeroes; most of it is never touched, so it is not cleared by hand.
template <typename Node>
Node* look_or_make(Node*& slot) noexcept {
    Node* node = look(slot);
    if (node != nullptr) {
        return node;
    }
    auto* const made = static_cast<Node*>(std::calloc(1, sizeof(Node)));
    if (made == nullptr || __atomic_compare_exchange_n(
                               &slot, &node, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return made;
    }
    std::free(made);
    return node;
}

Leaf* find_or_make_leaf(std::uintptr_t address) noexcept {
    Leaf* const found = find_leaf(address);
    if (found != nullptr || address >> address_bits != 0) {
        return found;
    }
    Branch* const branch = look_or_make(root[part(address, branch_shift, address_bits)]);
    return branch == nullptr
               ? nullptr
               : look_or_make(branch->leaves[part(address, leaf_shift, branch_shift)]);
}

// A bit in an array of words.
struct Bit {
    explicit Bit(std::size_t number) noexcept
        : word(number / word_bits), mask(Word{1} << (number % word_bits)) {}
    std::size_t word;
    Word mask;
};

Bit page_bit(std::uintptr_t address) noexcept {
    return Bit(part(address, page_shift, leaf_shift));
}

std::size_t page_of_leaf(std::uintptr_t address) noexcept {
    return part(address, page_shift, leaf_shift);
}

// The bit itself and those below it.
Word up_to(Word mask) noexcept {
    return mask | (mask - 1);
}

std::uintptr_t highest(Word bits) noexcept {
    return word_bits - 1 - static_cast<unsigned>(std::countl_zero(bits));
}

// The pages that share a word of `used` with that of `address`, from there down.
std::uintptr_t last_in_group(const Leaf& leaf, std::uintptr_t address) noexcept {
    const Bit page = page_bit(address);
    const std::uintptr_t group = address >> page_shift & ~std::uintptr_t{word_bits - 1};
    Word left = look(leaf.used[page.word]) & up_to(page.mask);
    while (left != 0) {
        const std::uintptr_t found = (group + highest(left)) << page_shift;
        const std::uintptr_t end = found + (std::uintptr_t{1} << page_shift) - 1;
        const std::uintptr_t start = last_in_page(leaf, std::min(address, end));
        if (start != 0) {
            return start;
        }
        left &= ~page_bit(found).mask;
    }
    return 0;
}

}  // namespace

void index_block(std::uintptr_t start) noexcept {
    Leaf* const leaf = find_or_make_leaf(start);
    if (leaf == nullptr) {
        return;
    }
    __atomic_fetch_or(&leaf->begins[page_of_leaf(start)], line_mask(start), __ATOMIC_RELEASE);
    const Bit page = page_bit(start);
    if ((look(leaf->used[page.word]) & page.mask) == 0) {
        __atomic_fetch_or(&leaf->used[page.word], page.mask, __ATOMIC_RELEASE);
    }
}

void unindex_block(std::uintptr_t start) noexcept {
    Leaf* const leaf = find_leaf(start);
    if (leaf != nullptr) {
        __atomic_fetch_and(&leaf->begins[page_of_leaf(start)], ~line_mask(start), __ATOMIC_RELEASE);
    }
}

std::uintptr_t detail::last_line_before_page(std::uintptr_t address) noexcept {
    const Leaf* leaf = find_leaf(address);
    constexpr std::uintptr_t group_size = std::uintptr_t{word_bits} << page_shift;
    const std::uintptr_t lowest = address - std::min(address, block_reach);
    for (std::uintptr_t at = address;;) {
        const std::uintptr_t start = leaf == nullptr ? 0 : last_in_group(*leaf, at);
        const std::uintptr_t group = at & ~(group_size - 1);
        if (start != 0 || group <= lowest) {
            return start >= lowest ? start : 0;
        }
        at = group - 1;
        leaf = find_leaf(at);
    }
}

}  // namespace owsk::nt::ex
