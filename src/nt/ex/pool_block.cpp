// SPDX-License-Identifier: MIT
// Where the parts of a pool block lie, and how they are checked.
#include "nt/ex/pool_block.h"

#include <sanitizer/asan_interface.h>

#include <cstdlib>
#include <cstring>

#include "base/dead_mark.h"

// For code that looks into headers on purpose, whether they are poisoned, freed or no headers at
// all.
#define OWSK_UNCHECKED __attribute__((no_sanitize_address, no_sanitize_thread, noinline))

namespace owsk::nt::ex {
namespace {

constexpr SIZE_T page_size = 4096;
constexpr SIZE_T alignment = 16;
// More than any machine has: keeps the arithmetic below from wrapping.
constexpr SIZE_T size_max = SIZE_T{1} << 38;
constexpr std::uint64_t guard_word = 0x6472617567776f21U;
constexpr std::uint32_t live_signature = 0x6576696c;
constexpr std::uint32_t freed_signature = 0x65657266;

// The signature depends on the address, so that a copied header is none.
std::uint32_t sign(const PoolBlock* block, std::uint32_t signature) noexcept {
    return signature ^ static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(block) >> 4);
}

// A block of a page or more begins on a page, as on Windows; its header fills the end of the page
// before it.
SIZE_T lead_of(SIZE_T size) noexcept {
    return size >= page_size ? page_size : sizeof(PoolBlock);
}

OWSK_UNCHECKED bool guard_is_intact(const unsigned char* guard) noexcept {
    // Not by memcmp, which a sanitizer checks.
    struct [[gnu::packed, gnu::may_alias]] Unaligned {
        std::uint64_t word;
    };
    return reinterpret_cast<const Unaligned*>(guard)->word == guard_word;
}

}  // namespace

PoolBlock* new_block(SIZE_T size) noexcept {
    if (size > size_max) {
        return nullptr;
    }
    const SIZE_T lead = lead_of(size);
    const SIZE_T total = lead + size + sizeof guard_word;
    void* memory = lead == page_size
                       ? std::aligned_alloc(page_size, (total + page_size - 1) & ~(page_size - 1))
                       : std::malloc(total);
    if (memory == nullptr) {
        return nullptr;
    }
    unsigned char* bytes = static_cast<unsigned char*>(memory) + lead;
    std::memcpy(bytes + size, &guard_word, sizeof guard_word);
    PoolBlock* block = block_of(bytes);
    *block = PoolBlock{};
    block->size = size;
    block->signature = sign(block, live_signature);
    return block;
}

void delete_block(PoolBlock* block) noexcept {
    const SIZE_T size = read_header(block).size;
    unsigned char* bytes = static_cast<unsigned char*>(bytes_of(block));
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof *block);
    ASAN_UNPOISON_MEMORY_REGION(bytes + size, sizeof guard_word);
    mark_dead(block->signature, sign(block, freed_signature));
    std::free(bytes - lead_of(size));
}

void* bytes_of(PoolBlock* block) noexcept {
    return block + 1;
}

PoolBlock* block_of(const void* bytes) noexcept {
    return static_cast<PoolBlock*>(const_cast<void*>(bytes)) - 1;
}

OWSK_UNCHECKED BlockState state_of(const void* bytes) noexcept {
    if (reinterpret_cast<std::uintptr_t>(bytes) % alignment != 0) {
        return BlockState::foreign;
    }
    const PoolBlock* block = block_of(bytes);
    if (block->signature == sign(block, freed_signature)) {
        return BlockState::freed;
    }
    if (block->signature != sign(block, live_signature)) {
        return BlockState::foreign;
    }
    return guard_is_intact(static_cast<const unsigned char*>(bytes) + block->size)
               ? BlockState::live
               : BlockState::overrun;
}

OWSK_UNCHECKED PoolBlock read_header(const PoolBlock* block) noexcept {
    return *block;
}

OWSK_UNCHECKED void link_block(PoolBlock*& first, PoolBlock* block) noexcept {
    block->previous = nullptr;
    block->next = first;
    if (first != nullptr) {
        first->previous = block;
    }
    first = block;
}

OWSK_UNCHECKED void unlink_block(PoolBlock*& first, PoolBlock* block) noexcept {
    if (block->next != nullptr) {
        block->next->previous = block->previous;
    }
    (block->previous != nullptr ? block->previous->next : first) = block->next;
}

OWSK_UNCHECKED void note_place(PoolBlock* block, const void* place) noexcept {
    block->noted_at = place;
}

void poison_block(PoolBlock* block) noexcept {
    [[maybe_unused]] const SIZE_T size = block->size;
    [[maybe_unused]] unsigned char* bytes = static_cast<unsigned char*>(bytes_of(block));
    ASAN_POISON_MEMORY_REGION(bytes + size, sizeof guard_word);
    ASAN_POISON_MEMORY_REGION(block, sizeof *block);
}

}  // namespace owsk::nt::ex
