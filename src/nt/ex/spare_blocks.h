// SPDX-License-Identifier: MIT
// SpareBlocks: freed blocks that nobody has written to and that wait for the next allocation of
// their size. The C library takes several hundred instructions for what this does in ten. Not for
// the address sanitizer, which has to see each block come and go.
#pragma once

#include <ntdef.h>

#include <array>
#include <utility>

#include "nt/ex/pool_block.h"

namespace owsk::nt::ex {

class SpareBlocks {
  public:
    // A block with room for `size` bytes; null if there is none.
    PoolBlock* take(SIZE_T size) noexcept {
        const SIZE_T room = room_of(size);
        PoolBlock* const block = room < rooms ? first_[room] : nullptr;
        if (block != nullptr) {
            first_[room] = block->next;
            bytes_ -= memory_of_room(room);
        }
        return block;
    }
    // False: there are enough of them.
    bool put(PoolBlock* block) noexcept {
        const SIZE_T room = room_of(size_of(block));
        if (room >= rooms || bytes_ + memory_of_room(room) > bytes_max) {
            return false;
        }
        block->next = first_[room];
        first_[room] = block;
        bytes_ += memory_of_room(room);
        return true;
    }
    // All of them, chained by `next`.
    PoolBlock* take_all() noexcept {
        PoolBlock* all = nullptr;
        for (PoolBlock*& first : first_) {
            while (first != nullptr) {
                PoolBlock* const block = std::exchange(first, first->next);
                block->next = all;
                all = block;
            }
        }
        bytes_ = 0;
        return all;
    }
    // For each of them.
    template <typename Visit>
    void visit(const Visit& visit) const {
        for (PoolBlock* block : first_) {
            while (block != nullptr) {
                PoolBlock* const next = block->next;
                visit(block);
                block = next;
            }
        }
    }

  private:
    // What is larger is rare, and mostly goes back to the system.
    static constexpr SIZE_T rooms = room_of(64 * 1024) + 1;
    static constexpr SIZE_T bytes_max = 1024 * 1024;

    // Chained by `next`.
    std::array<PoolBlock*, rooms> first_ = {};
    SIZE_T bytes_ = 0;
};

}  // namespace owsk::nt::ex
