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

enum class BlockState { live, freed, overrun, foreign };

// Uninitialised memory behind a header that belongs to no list yet; null when there is no more.
PoolBlock* new_block(SIZE_T size) noexcept;
// A block of another state than live can be freed no more: true for one caller only.
bool claim_freed(PoolBlock* block) noexcept;
// Fills freed bytes that nobody is to write to. Not for the address sanitizer, which knows by
// itself.
void fill_freed(void* bytes, SIZE_T count) noexcept;
// The offset of the first one that is not as it was.
std::optional<SIZE_T> written_after_free(const void* bytes, SIZE_T count) noexcept;
// Of a freed block the beginning is filled and looked at, and the guard behind it.
void fill_freed_block(PoolBlock* block) noexcept;
std::optional<SIZE_T> written_after_free(const PoolBlock* block) noexcept;
// Precondition: freed, or nobody else knows it.
void delete_block(PoolBlock* block) noexcept;

void* bytes_of(PoolBlock* block) noexcept;
PoolBlock* block_of(const void* bytes) noexcept;
BlockState state_of(const void* bytes) noexcept;
// The live block in which `bytes` lies, at its beginning or further behind (block_index.h says how
// far); null if there is none.
PoolBlock* block_around(const void* bytes) noexcept;

// The only ways to touch a header once it is poisoned.
PoolBlock read_header(const PoolBlock* block) noexcept;
// By a request, or by a lookaside list.
bool is_held(const PoolBlock* block) noexcept;
bool is_of_kind(const PoolBlock* block, const BlockKind& kind) noexcept;
void link_block(PoolBlock*& first, PoolBlock* block) noexcept;
void unlink_block(PoolBlock*& first, PoolBlock* block) noexcept;
void note_place(PoolBlock* block, const void* place) noexcept;
void note_free(PoolBlock* block, const void* place) noexcept;
void note_kept(PoolBlock* block, bool kept) noexcept;
void add_loan(PoolBlock* block, const void* place) noexcept;
void end_loan(PoolBlock* block) noexcept;
void poison_block(PoolBlock* block) noexcept;

}  // namespace owsk::nt::ex
