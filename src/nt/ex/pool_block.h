// SPDX-License-Identifier: MIT
// A pool block as it lies in memory: a header, the driver's bytes, a guard word. The address
// sanitizer sees the header and the guard as poisoned, so that it names the instruction that strays
// into them.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/sanitizer.h"
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

class PoolTracker;
struct PoolBlock;

// What a block was handed out as. There is one object for each, from the start of the process on,
// and a header has its number.
struct BlockKind {
    using Describe = std::string (*)(const PoolBlock& block, const void* bytes);

    BlockKind(const char* name, const char* freed_with, Describe describe) noexcept;
    BlockKind(const BlockKind&) = delete;
    BlockKind& operator=(const BlockKind&) = delete;

    const char* const name;        // as a leak report says it
    const char* const freed_with;  // the function that takes it back
    // The part of a leak's description that only this kind knows; may be null.
    const Describe describe;
    const std::uint8_t number;
};

// The header. A freed block is kept for a while, and then the first two words are all that malloc
// may overwrite, so that one that is freed twice is recognised as long as nobody else got the
// memory. A connection of a driver has several blocks, so the header is packed.
struct PoolBlock {
    PoolBlock* next;
    PoolBlock* previous;
    PoolTracker* owner;
    const void* allocated_at;
    const void* noted_at;  // a second place worth remembering; the kind says which
    // Who made the request that holds the block, or a part of it; later, who has freed it.
    const void* lent_or_freed_at;
    std::uint32_t size_low;
    std::uint8_t size_high;
    std::uint8_t kind_number;
    std::uint16_t holders;  // how many requests hold it, or kept_as_free
    ULONG tag;
    std::uint32_t signature;

    SIZE_T size() const noexcept { return SIZE_T{size_high} << 32 | size_low; }
    const BlockKind& kind() const noexcept;
    // By a lookaside list.
    bool is_kept() const noexcept { return holders == kept_as_free; }
    bool is_lent() const noexcept { return holders != 0 && !is_kept(); }

    static constexpr std::uint16_t kept_as_free = 0xFFFF;
    // More loans at once are not counted.
    static constexpr std::uint16_t loans_max = 0xFFFE;
};
static_assert(sizeof(PoolBlock) == 64);

inline constexpr SIZE_T pool_page = 4096;

// A block of a page or more begins on a page, as on Windows; its header fills the end of the page
// before it.
constexpr SIZE_T lead_of(SIZE_T size) noexcept {
    return size >= pool_page ? pool_page : sizeof(PoolBlock);
}

// Blocks whose sizes have the same room are laid out alike, and have memory for the largest of
// them. Rooms are as fine as the steps of the C library, from a page on a page apart.
constexpr SIZE_T room_step = 16;
constexpr SIZE_T small_rooms = pool_page / room_step;
constexpr SIZE_T guard_size = 8;
constexpr SIZE_T room_of(SIZE_T size) noexcept {
    return size < pool_page ? (size + room_step - 1) / room_step
                            : small_rooms + (size + guard_size + pool_page - 1) / pool_page;
}
// All that a block of that room takes.
constexpr SIZE_T memory_of_room(SIZE_T room) noexcept {
    return room <= small_rooms ? sizeof(PoolBlock) + room * room_step + guard_size
                               : pool_page + (room - small_rooms) * pool_page;
}

enum class BlockState { live, freed, overrun, foreign };

namespace detail {
inline constexpr std::uintptr_t block_alignment = 16;
// Behind the last byte, wherever that is.
struct [[gnu::packed, gnu::may_alias]] Guard {
    std::uint64_t word;
};
inline constexpr std::uint64_t guard_word = 0x6472617567776f21U;
inline constexpr std::uint32_t live_signature = 0x6576696c;
inline constexpr std::uint32_t freed_signature = 0x65657266;

// The signature depends on the address, so a copied header is not valid.
inline std::uint32_t sign(const PoolBlock* block, std::uint32_t signature) noexcept {
    return signature ^ static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(block) >> 4);
}

OWSK_UNCHECKED inline bool guard_is_intact(const unsigned char* guard) noexcept {
    // Not by memcmp, which a sanitizer checks.
    return reinterpret_cast<const Guard*>(guard)->word == guard_word;
}

// The block that begins at `bytes` and has not been freed, if that is found at first sight. The
// signature lies just before the bytes, in one page: where it is right, the rest of the header is
// in memory too. What lies before a page is looked at only where the index says that it belongs to
// a block: it might go back to the system meanwhile.
OWSK_UNCHECKED inline PoolBlock* known_block_at(const void* bytes) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes);
    // By number: the pointer may be any, also null.
    auto* const block = reinterpret_cast<PoolBlock*>(address - sizeof(PoolBlock));
    const bool may_look = address % pool_page != 0
                              ? address % block_alignment == 0 &&
                                    host::detail::is_known(address >> host::detail::page_bits)
                              : is_indexed(address);
    return may_look && block->signature == sign(block, live_signature) ? block : nullptr;
}
// The same for who has time.
PoolBlock* find_block_at(const void* bytes) noexcept;
// The live block in which `bytes` lies, at its beginning or further behind (block_index.h says how
// far); null if there is none.
PoolBlock* find_block_around(const void* bytes) noexcept;
}  // namespace detail

// Memory for a block of `size` bytes, to be set up; null when there is no more.
PoolBlock* new_block(SIZE_T size) noexcept;
// Makes a live block of memory that nobody else knows: of a new block, or of one that was freed and
// has the room. Its bytes are as they were, and it belongs to no list yet.
inline void set_up_block(PoolBlock* block,
                         SIZE_T size,
                         const BlockKind& kind,
                         PoolTracker* owner,
                         ULONG tag,
                         const void* allocated_at) noexcept {
    *reinterpret_cast<detail::Guard*>(reinterpret_cast<unsigned char*>(block + 1) +
                                      size) = {detail::guard_word};
    *block = {.next = nullptr,
              .previous = nullptr,
              .owner = owner,
              .allocated_at = allocated_at,
              .noted_at = nullptr,
              .lent_or_freed_at = nullptr,
              .size_low = static_cast<std::uint32_t>(size),
              .size_high = static_cast<std::uint8_t>(size >> 32),
              .kind_number = kind.number,
              .holders = 0,
              .tag = tag,
              .signature = detail::sign(block, detail::live_signature)};
}
// A block of another state than live can be freed no more: true for one caller only.
OWSK_UNCHECKED inline bool claim_freed(PoolBlock* block) noexcept {
    std::uint32_t live = detail::sign(block, detail::live_signature);
    return __atomic_compare_exchange_n(&block->signature,
                                       &live,
                                       detail::sign(block, detail::freed_signature),
                                       false,
                                       __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}
// Of a freed block the beginning is filled and looked at, and the guard behind it.
void fill_freed_block(PoolBlock* block) noexcept;
std::optional<SIZE_T> written_after_free(const PoolBlock* block) noexcept;
// Precondition: freed, or nobody else knows it.
void delete_block(PoolBlock* block) noexcept;

inline void* bytes_of(PoolBlock* block) noexcept {
    return block + 1;
}
inline PoolBlock* block_of(const void* bytes) noexcept {
    return static_cast<PoolBlock*>(const_cast<void*>(bytes)) - 1;
}
BlockState state_of(const void* bytes) noexcept;

// The only ways to touch a header once it is poisoned.
OWSK_UNCHECKED inline PoolBlock read_header(const PoolBlock* block) noexcept {
    return *block;
}
OWSK_UNCHECKED inline SIZE_T size_of(const PoolBlock* block) noexcept {
    return SIZE_T{block->size_high} << 32 | block->size_low;
}
OWSK_UNCHECKED inline ULONG tag_of(const PoolBlock* block) noexcept {
    return block->tag;
}
OWSK_UNCHECKED inline PoolTracker& owner_of(const PoolBlock* block) noexcept {
    return *block->owner;
}
// By a request, or by a lookaside list.
OWSK_UNCHECKED inline bool is_held(const PoolBlock* block) noexcept {
    return block->holders != 0;
}
OWSK_UNCHECKED inline bool is_of_kind(const PoolBlock* block, const BlockKind& kind) noexcept {
    return block->kind_number == kind.number;
}
OWSK_UNCHECKED inline void note_place(PoolBlock* block, const void* place) noexcept {
    block->noted_at = place;
}
OWSK_UNCHECKED inline void note_free(PoolBlock* block, const void* place) noexcept {
    block->lent_or_freed_at = place;
}
void link_block(PoolBlock*& first, PoolBlock* block) noexcept;
void unlink_block(PoolBlock*& first, PoolBlock* block) noexcept;
void note_kept(PoolBlock* block, bool kept) noexcept;
OWSK_UNCHECKED inline void add_loan(PoolBlock* block, const void* place) noexcept {
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
OWSK_UNCHECKED inline void end_loan(PoolBlock* block) noexcept {
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
void poison_block(PoolBlock* block) noexcept;

// The block that begins at `bytes`, if it has not been freed; null otherwise.
inline PoolBlock* block_at(const void* bytes) noexcept {
    PoolBlock* const block = detail::known_block_at(bytes);
    return block != nullptr ? block : detail::find_block_at(bytes);
}
// The same, if nobody has written past its end: its state is live.
OWSK_UNCHECKED inline PoolBlock* intact_block_at(const void* bytes) noexcept {
    PoolBlock* const block = block_at(bytes);
    return block != nullptr && detail::guard_is_intact(static_cast<const unsigned char*>(bytes) +
                                                       size_of(block))
               ? block
               : nullptr;
}

}  // namespace owsk::nt::ex
