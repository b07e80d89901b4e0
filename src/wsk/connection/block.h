// SPDX-License-Identifier: MIT
// Receive memory: blocks of 64 KiB that a processor fills from the front, and indications carved
// out of them. A driver that retains an indication keeps its block; nothing is copied.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

#include "base/mutex.h"

namespace owsk::wsk {

class BlockPool;
struct IndicationShape;

inline constexpr SIZE_T block_size = 64 * 1024;

// What the driver sees as a WSK_DATA_INDICATION, with its MDL and what we note about it. Lies in a
// block, directly before its data.
struct Indication {
    WSK_DATA_INDICATION api;
    LIST_ENTRY entry;
    struct Block* block;
    std::byte* data;
    SIZE_T capacity;
    SIZE_T length;
    SIZE_T shown;  // bytes, from wherever they were shown last
    bool in_callback;
    bool released;
    IndicationShape* shape;  // null: one indication with one MDL
    MDL mdl;
    PFN_NUMBER pages[block_size / PAGE_SIZE + 1];
    // An MDL may begin before the data. Last, so that it lies there.
    alignas(16) std::byte before[64];

    // Shows `count` bytes from `offset` on to the driver, as one MDL.
    void show(SIZE_T offset, SIZE_T count) noexcept;
};

class BlockPool {
  public:
    BlockPool() = default;
    // Precondition: no indication is left.
    ~BlockPool();
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    // Room for the next received bytes, on the calling processor; null when memory is out.
    // Followed, before the processor carves again, by keep() or by nothing: then the room is used
    // again.
    Indication* carve(unsigned processor) noexcept OWSK_EXCLUDES(mu_);
    // The indication outlives the callback: `length` bytes of its room stay in use.
    void keep(Indication& indication) noexcept;
    // Gives a kept indication back, from any thread.
    void release(Indication& indication) noexcept OWSK_EXCLUDES(mu_);

  private:
    void drop(Block* block) noexcept OWSK_EXCLUDES(mu_);
    Block* new_block() noexcept OWSK_EXCLUDES(mu_);

    // The block that each processor fills; touched by that processor only.
    std::array<Block*, MAXIMUM_PROCESSORS> current_ = {};
    Mutex mu_{Rank::sockets};
    std::vector<Block*> free_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
