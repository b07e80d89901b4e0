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

// What a block was handed out as. Compared by address.
struct BlockKind {
    const char* name;        // as a leak report says it
    const char* freed_with;  // the function that takes it back
    // The part of a leak's description that only this kind knows; may be null.
    std::string (*describe)(const PoolBlock& block, const void* bytes);
};

// The header. A freed block is kept for a while, and then the first two words are all that malloc
// may overwrite, so that one that is freed twice is recognised as long as nobody else got the
// memory.
struct PoolBlock {
    PoolBlock* next;
    PoolBlock* previous;
    PoolTracker* owner;
    const BlockKind* kind;
    const void* allocated_at;
    const void* noted_at;  // a second place worth remembering; the kind says which
    // Who made the request that holds the block, or a part of it; later, who has freed it.
    const void* lent_or_freed_at;
    SIZE_T size;
    std::uint32_t loans;  // how many requests hold it
    std::uint32_t kept;   // by a lookaside list, as free
    ULONG tag;
    std::uint32_t signature;
};
static_assert(sizeof(PoolBlock) == 80);

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
