// SPDX-License-Identifier: MIT
// Where the parts of a pool block lie, and how they are checked.
#include "nt/ex/pool_block.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/dead_mark.h"
#include "base/mutex.h"
#include "base/sanitizer.h"
#include "base/visible_memory.h"
#include "host/readable.h"
#include "nt/ex/block_index.h"

// For code that looks into headers on purpose, whether they are poisoned, freed or no headers at
// all. Inlined into other code it would be checked after all.
#if OWSK_ADDRESS_SANITIZER || OWSK_THREAD_SANITIZER
#define OWSK_UNCHECKED __attribute__((no_sanitize_address, no_sanitize_thread, noinline))
#else
#define OWSK_UNCHECKED
#endif

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

// What a freed block holds: neither a valid pointer nor a small number.
constexpr unsigned char freed_pattern = 0xF5;
// Of a larger block the beginning: to fill 64 KiB for each connection is dearer than the rest of
// it.
constexpr SIZE_T freed_pattern_max = 4096;

// The C library mostly gives these back to the system at once.
constexpr SIZE_T unmapped_min = 128 * 1024;

// A block that lies in other pages than an address may go back to the system while somebody finds
// out that the address is not in it.
Mutex looking_back{Rank::tracker};

std::uintptr_t address_of(const void* bytes) noexcept {
    return reinterpret_cast<std::uintptr_t>(bytes);
}

std::uintptr_t page_of(std::uintptr_t address) noexcept {
    return address & ~(page_size - 1);
}

// As PoolBlock::size(), which is checked.
OWSK_UNCHECKED SIZE_T size_of(const PoolBlock* block) noexcept {
    return SIZE_T{block->size_high} << 32 | block->size_low;
}

OWSK_UNCHECKED bool guard_is_intact(const unsigned char* guard) noexcept {
    // Not by memcmp, which a sanitizer checks.
    struct [[gnu::packed, gnu::may_alias]] Unaligned {
        std::uint64_t word;
    };
    return reinterpret_cast<const Unaligned*>(guard)->word == guard_word;
}

// The live block that begins in a line of the index; null if it is none. The signature of one that
// begins with its line lies in the line before, which may be in another page: it comes last.
OWSK_UNCHECKED PoolBlock* live_block_in_line(std::uintptr_t line) noexcept {
    static_assert(sizeof(PoolBlock) + sizeof guard_word > block_line);
    for (const std::uintptr_t offset :
         {std::uintptr_t{16}, std::uintptr_t{32}, std::uintptr_t{48}, std::uintptr_t{0}}) {
        PoolBlock* const block = block_of(reinterpret_cast<const void*>(line + offset));
        if (block->signature == sign(block, live_signature)) {
            return block;
        }
    }
    return nullptr;
}

// `block`, which may be null, if `address` is in it.
OWSK_UNCHECKED PoolBlock* block_with(PoolBlock* block, std::uintptr_t address) noexcept {
    return block != nullptr && address - address_of(bytes_of(block)) < size_of(block) ? block
                                                                                      : nullptr;
}

// The kinds by their numbers, in the order in which they were made.
constinit std::array<const BlockKind*, 16> kinds = {};
constinit std::uint8_t kinds_count = 0;

}  // namespace

BlockKind::BlockKind(const char* name_of_it,
                     const char* freed_with_what,
                     Describe describe_it) noexcept
    : name(name_of_it), freed_with(freed_with_what), describe(describe_it), number(kinds_count++) {
    OWSK_ASSERT(number < kinds.size());
    kinds[number] = this;
}

const BlockKind& PoolBlock::kind() const noexcept {
    return *kinds[kind_number];
}

PoolBlock* new_block(SIZE_T size) noexcept {
    if (size > size_max) {
        return nullptr;
    }
    const SIZE_T lead = lead_of(size);
    const SIZE_T total = lead + size + sizeof guard_word;
    void* memory = allocate_visible(total, lead == page_size ? page_size : alignment);
    if (memory == nullptr) {
        return nullptr;
    }
    unsigned char* bytes = static_cast<unsigned char*>(memory) + lead;
    std::memcpy(bytes + size, &guard_word, sizeof guard_word);
    PoolBlock* block = block_of(bytes);
    *block = PoolBlock{};
    block->size_low = static_cast<std::uint32_t>(size);
    block->size_high = static_cast<std::uint8_t>(size >> 32);
    block->signature = sign(block, live_signature);
    index_block(address_of(bytes));
    return block;
}

OWSK_UNCHECKED bool claim_freed(PoolBlock* block) noexcept {
    std::uint32_t live = sign(block, live_signature);
    return __atomic_compare_exchange_n(&block->signature,
                                       &live,
                                       sign(block, freed_signature),
                                       false,
                                       __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

void fill_freed(void* bytes, SIZE_T count) noexcept {
    std::memset(bytes, freed_pattern, count);
}

std::optional<SIZE_T> written_after_free(const void* filled, SIZE_T count) noexcept {
    const auto* bytes = static_cast<const unsigned char*>(filled);
    // Every byte is like the one before it.
    if (count == 0 ||
        (bytes[0] == freed_pattern && std::memcmp(bytes, bytes + 1, count - 1) == 0)) {
        return std::nullopt;
    }
    SIZE_T offset = 0;
    while (bytes[offset] == freed_pattern) {
        ++offset;
    }
    return offset;
}

void fill_freed_block(PoolBlock* block) noexcept {
    fill_freed(bytes_of(block), std::min(size_of(block), freed_pattern_max));
}

std::optional<SIZE_T> written_after_free(const PoolBlock* block) noexcept {
    const auto* bytes = reinterpret_cast<const unsigned char*>(block + 1);
    const auto offset = written_after_free(bytes, std::min(size_of(block), freed_pattern_max));
    return offset.has_value() || guard_is_intact(bytes + size_of(block))
               ? offset
               : std::optional<SIZE_T>(size_of(block));
}

void delete_block(PoolBlock* block) noexcept {
    const SIZE_T size = read_header(block).size();
    unsigned char* bytes = static_cast<unsigned char*>(bytes_of(block));
    if (size >= page_size) {
        const Lock lock(looking_back);
        unindex_block(address_of(bytes));
    } else {
        unindex_block(address_of(bytes));
    }
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof *block);
    ASAN_UNPOISON_MEMORY_REGION(bytes + size, sizeof guard_word);
    mark_dead(block->signature, sign(block, freed_signature));
    free_visible(bytes - lead_of(size));
    if (size >= unmapped_min) {
        host::forget_readable_pages();
    }
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
    if (!host::is_readable(block, sizeof *block)) {
        return BlockState::foreign;
    }
    if (block->signature == sign(block, freed_signature)) {
        return BlockState::freed;
    }
    if (block->signature != sign(block, live_signature)) {
        return BlockState::foreign;
    }
    return guard_is_intact(static_cast<const unsigned char*>(bytes) + size_of(block))
               ? BlockState::live
               : BlockState::overrun;
}

OWSK_UNCHECKED PoolBlock* block_around(const void* bytes) noexcept {
    const std::uintptr_t address = address_of(bytes);
    // Most are asked about by their beginning. Their signature lies just before it, in the same
    // page.
    if (address % alignment == 0 && address % page_size != 0) {
        PoolBlock* const block = block_of(bytes);
        if (host::is_readable(bytes) && block->signature == sign(block, live_signature)) {
            return block;
        }
    }
    std::uintptr_t line = last_block_line(address);
    if (line != 0 && line == address / block_line * block_line) {
        PoolBlock* const block = live_block_in_line(line);
        if (block != nullptr && address_of(bytes_of(block)) <= address) {
            return block_with(block, address);
        }
        // It begins behind the address.
        line = last_block_line(line - 1);
    }
    if (line == 0) {
        return nullptr;
    }
    if (page_of(line) == page_of(address)) {
        return block_with(live_block_in_line(line), address);
    }
    const Lock lock(looking_back);
    return is_indexed(line) ? block_with(live_block_in_line(line), address) : nullptr;
}

OWSK_UNCHECKED PoolBlock read_header(const PoolBlock* block) noexcept {
    return *block;
}

OWSK_UNCHECKED bool is_held(const PoolBlock* block) noexcept {
    return block->holders != 0;
}

OWSK_UNCHECKED bool is_of_kind(const PoolBlock* block, const BlockKind& kind) noexcept {
    return block->kind_number == kind.number;
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

OWSK_UNCHECKED void note_free(PoolBlock* block, const void* place) noexcept {
    block->lent_or_freed_at = place;
}

OWSK_UNCHECKED void note_kept(PoolBlock* block, bool kept) noexcept {
    __atomic_store_n(&block->holders, kept ? PoolBlock::kept_as_free : 0, __ATOMIC_RELAXED);
}

OWSK_UNCHECKED void add_loan(PoolBlock* block, const void* place) noexcept {
    __atomic_store_n(&block->lent_or_freed_at, place, __ATOMIC_RELAXED);
    std::uint16_t holders = __atomic_load_n(&block->holders, __ATOMIC_RELAXED);
    while (holders < PoolBlock::loans_max &&
           !__atomic_compare_exchange_n(&block->holders,
                                        &holders,
                                        static_cast<std::uint16_t>(holders + 1),
                                        true,
                                        __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
}

OWSK_UNCHECKED void end_loan(PoolBlock* block) noexcept {
    // Never below zero: a driver may have changed what it has lent.
    std::uint16_t holders = __atomic_load_n(&block->holders, __ATOMIC_RELAXED);
    while (holders != 0 && holders < PoolBlock::loans_max &&
           !__atomic_compare_exchange_n(&block->holders,
                                        &holders,
                                        static_cast<std::uint16_t>(holders - 1),
                                        true,
                                        __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
}

void poison_block(PoolBlock* block) noexcept {
    [[maybe_unused]] const SIZE_T size = size_of(block);
    [[maybe_unused]] unsigned char* bytes = static_cast<unsigned char*>(bytes_of(block));
    ASAN_POISON_MEMORY_REGION(bytes + size, sizeof guard_word);
    ASAN_POISON_MEMORY_REGION(block, sizeof *block);
}

}  // namespace owsk::nt::ex
