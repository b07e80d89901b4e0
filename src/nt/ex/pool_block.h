// SPDX-License-Identifier: MIT
// A pool block as it lies in memory: a header, the driver's bytes, a guard word. The address
// sanitizer sees the header and the guard as poisoned, so that it names the instruction that strays
// into them.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <cstdint>
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

// The header. The first two words are all that malloc may overwrite in a freed block, so that a
// block that is freed twice is recognised by its signature as long as nobody else got the memory.
struct PoolBlock {
    PoolBlock* next;
    PoolBlock* previous;
    PoolTracker* owner;
    const BlockKind* kind;
    const void* allocated_at;
    const void* noted_at;  // a second place worth remembering; the kind says which
    SIZE_T size;
    ULONG tag;
    std::uint32_t signature;
};
static_assert(sizeof(PoolBlock) == 64);

enum class BlockState { live, freed, overrun, foreign };

// Uninitialised memory behind a header that belongs to no list yet; null when there is no more.
PoolBlock* new_block(SIZE_T size) noexcept;
// Precondition: live.
void delete_block(PoolBlock* block) noexcept;

void* bytes_of(PoolBlock* block) noexcept;
PoolBlock* block_of(const void* bytes) noexcept;
BlockState state_of(const void* bytes) noexcept;

// The only ways to touch a header once it is poisoned.
PoolBlock read_header(const PoolBlock* block) noexcept;
void link_block(PoolBlock*& first, PoolBlock* block) noexcept;
void unlink_block(PoolBlock*& first, PoolBlock* block) noexcept;
void note_place(PoolBlock* block, const void* place) noexcept;
void poison_block(PoolBlock* block) noexcept;

}  // namespace owsk::nt::ex
