// SPDX-License-Identifier: MIT
// Where the parts of a pool block lie, and how they are checked.
#include "nt/ex/pool_block.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/dead_mark.h"
#include "base/mutex.h"
#include "base/sanitizer.h"
#include "base/visible_memory.h"
#include "host/readable.h"
#include "nt/ex/freed_pattern.h"

namespace owsk::nt::ex {
namespace {

// More than any machine has: keeps the arithmetic below from wrapping.
constexpr SIZE_T size_max = SIZE_T{1} << 38;

using detail::freed_signature;
using detail::guard_is_intact;
using detail::guard_word;
using detail::live_signature;
using detail::sign;

// Of a larger freed block only the beginning is filled: to fill 64 KiB for each connection is
// dearer than the rest of it.
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
    return address & ~(pool_page - 1);
}

// The live block that begins in a line of the index, `reach` behind its beginning at most; null if
// none does. The signature of one that begins with its line lies in the line before, which may
// be in another page: it comes last.
OWSK_UNCHECKED PoolBlock* live_block_in_line(std::uintptr_t line,
                                             std::uintptr_t reach = block_line) noexcept {
    static_assert(sizeof(PoolBlock) + sizeof guard_word > block_line);
    const auto is_live = [&](std::uintptr_t offset) OWSK_UNCHECKED {
        const PoolBlock* const block = block_of(reinterpret_cast<const void*>(line + offset));
        return offset <= reach && block->signature == sign(block, live_signature);
    };
    const std::uintptr_t offset = is_live(16) ? 16 : is_live(32) ? 32 : is_live(48) ? 48 : 0;
    return offset != 0 || is_live(0) ? block_of(reinterpret_cast<const void*>(line + offset))
                                     : nullptr;
}

// `block`, which may be null, if `address` is in it.
OWSK_UNCHECKED PoolBlock* block_with(PoolBlock* block, std::uintptr_t address) noexcept {
    return block != nullptr && address - address_of(bytes_of(block)) < size_of(block) ? block
                                                                                      : nullptr;
}

// The block that begins in a line of another page, if `address` is in it. That may go back to the
// system meanwhile.
[[gnu::noinline]] PoolBlock* block_from_page_before(std::uintptr_t line,
                                                    std::uintptr_t address) noexcept {
    const Lock lock(looking_back);
    return is_indexed(line) ? block_with(live_block_in_line(line), address) : nullptr;
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
    // The address sanitizer watches what is behind the guard as well.
    const SIZE_T total =
        OWSK_ADDRESS_SANITIZER ? lead + size + sizeof guard_word : memory_of_room(room_of(size));
    void* memory = allocate_visible(total, size >= pool_page ? pool_page : detail::block_alignment);
    if (memory == nullptr) {
        return nullptr;
    }
    unsigned char* const bytes = static_cast<unsigned char*>(memory) + lead;
    PoolBlock* const block = block_of(bytes);
    block->signature = 0;  // whatever was there before
    index_block(address_of(bytes));
    return block;
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
    if (size >= pool_page) {
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

OWSK_UNCHECKED BlockState state_of(const void* bytes) noexcept {
    if (reinterpret_cast<std::uintptr_t>(bytes) % detail::block_alignment != 0) {
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

OWSK_UNCHECKED PoolBlock* detail::find_block_at(const void* bytes) noexcept {
    PoolBlock* const block = block_of(bytes);
    return address_of(bytes) % block_alignment == 0 && host::is_readable(&block->signature) &&
                   block->signature == sign(block, live_signature)
               ? block
               : nullptr;
}

OWSK_UNCHECKED PoolBlock* detail::find_block_around(const void* bytes) noexcept {
    const std::uintptr_t address = address_of(bytes);
    // Of those that are not in the index either, for want of memory.
    if (!host::detail::is_known(address >> host::detail::page_bits) && address % pool_page != 0) {
        PoolBlock* const found = find_block_at(bytes);
        if (found != nullptr) {
            return found;
        }
    }
    std::uintptr_t line = last_block_line(address);
    if (line != 0 && line == address / block_line * block_line) {
        PoolBlock* const block = live_block_in_line(line, address - line);
        if (block != nullptr) {
            return block_with(block, address);
        }
        // It begins behind the address.
        line = last_block_line(line - 1);
    }
    if (line == 0) {
        return nullptr;
    }
    return page_of(line) == page_of(address) ? block_with(live_block_in_line(line), address)
                                             : block_from_page_before(line, address);
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

OWSK_UNCHECKED void note_kept(PoolBlock* block, bool kept) noexcept {
    __atomic_store_n(&block->holders, kept ? PoolBlock::kept_as_free : 0, __ATOMIC_RELAXED);
}

void poison_block(PoolBlock* block) noexcept {
    [[maybe_unused]] const SIZE_T size = size_of(block);
    [[maybe_unused]] unsigned char* bytes = static_cast<unsigned char*>(bytes_of(block));
    ASAN_POISON_MEMORY_REGION(bytes + size, sizeof guard_word);
    ASAN_POISON_MEMORY_REGION(block, sizeof *block);
}

}  // namespace owsk::nt::ex
