// SPDX-License-Identifier: MIT
// Carving indications out of blocks.
#include "wsk/memory/block.h"

#include <algorithm>
#include <new>

#include "base/visible_memory.h"
#include "wsk/memory/indication_shape.h"

namespace owsk::wsk {

namespace {

constexpr SIZE_T align_up(SIZE_T value) noexcept {
    return (value + 15) & ~SIZE_T{15};
}

constexpr SIZE_T block_bytes =
    std::max(BlockPool::header_size<DataIndication>, BlockPool::header_size<DatagramIndication>) +
    block_size;

}  // namespace

// One reference for the processor that fills it, one for each kept indication.
struct Block : Visible {
    std::atomic<ULONG> references = 1;
    SIZE_T used = 0;
    // Room for 64 KiB of data behind the first header, so that a message of that size stays whole.
    alignas(16) std::byte bytes[block_bytes];
};

namespace {

// Free blocks that are kept at hand instead of going back to the system.
constexpr std::size_t free_max = 64;

}  // namespace

WSK_BUF Indication::in_one(SIZE_T offset, SIZE_T count) noexcept {
    delete shape;
    shape = nullptr;
    if (count == 0) {
        return {};
    }
    MmInitializeMdl(&mdl, data + offset, count);
    MmBuildMdlForNonPagedPool(&mdl);
    return {&mdl, 0, count};
}

void DataIndication::show(SIZE_T offset, SIZE_T count) noexcept {
    shown = count;
    api.Next = nullptr;
    api.Buffer = in_one(offset, count);
}

BlockPool::~BlockPool() {
    for (Block* block : current_) {
        delete block;
    }
    for (Block* block : free_) {
        delete block;
    }
}

Block* BlockPool::new_block() noexcept {
    {
        Lock lock(mu_);
        if (!free_.empty()) {
            Block* block = free_.back();
            free_.pop_back();
            return block;
        }
    }
    return new (std::nothrow) Block;
}

void BlockPool::drop(Block* block) noexcept {
    if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    block->references.store(1, std::memory_order_relaxed);
    block->used = 0;
    {
        Lock lock(mu_);
        if (free_.size() < free_max) {
            free_.push_back(block);
            return;
        }
    }
    delete block;
}

BlockPool::Room BlockPool::carve_room(unsigned processor, SIZE_T header, SIZE_T room_min) noexcept {
    Block*& block = current_[processor];
    if (block != nullptr && block->references.load(std::memory_order_acquire) == 1) {
        block->used = 0;
    }
    if (block != nullptr && block->used + header + room_min > block_bytes) {
        drop(block);
        block = nullptr;
    }
    if (block == nullptr) {
        block = new_block();
    }
    if (block == nullptr) {
        return {};
    }
    const SIZE_T size = std::min(block_bytes - block->used - header, block_size);
    return {block, block->bytes + block->used, size};
}

std::byte* BlockPool::overflow(unsigned processor, std::size_t index) noexcept {
    std::unique_ptr<std::byte[]>& overflow = overflows_[processor];
    if (overflow == nullptr) {
        // Hardly ever touched, and as long as it is not, nothing but addresses.
        overflow.reset(new (std::nothrow) std::byte[block_size * net::datagram_batch_max]);
    }
    return overflow == nullptr ? nullptr : overflow.get() + index * block_size;
}

void BlockPool::keep(Indication& indication) noexcept {
    Block& block = *indication.block;
    block.references.fetch_add(1, std::memory_order_relaxed);
    const SIZE_T start = static_cast<SIZE_T>(indication.data - block.bytes);
    block.used = align_up(start + indication.length);
}

void BlockPool::release(Indication& indication) noexcept {
    delete indication.shape;
    drop(indication.block);
}

}  // namespace owsk::wsk
