// SPDX-License-Identifier: MIT
// Pieces of equal size lie in units of 1 MiB; larger pieces have units of their own.
#include "host/sim/fixed_memory.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

#include "base/interleave.h"
#include "base/visible_memory.h"
#include "host/readable.h"

namespace owsk::host {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_places = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool has_places = false;
#else
constexpr bool has_places = true;
#endif
#else
constexpr bool has_places = true;
#endif

constexpr std::size_t page = 4096;
constexpr std::size_t unit = std::size_t{1} << 20;
constexpr std::size_t slot_count = 64;
constexpr std::size_t slot_size = fixed_memory_size / slot_count;
// Pieces from the beginning of a slot on, stacks from its middle on.
constexpr std::size_t stacks_at = slot_size / 2;
// From one stack to the next. What a stack does not fill is never mapped, and guards the one above.
constexpr std::size_t stack_distance = std::size_t{32} << 20;
constexpr std::size_t stack_max = std::size_t{16} << 20;

std::array<std::atomic<FixedMemory*>, slot_count> slots;

std::size_t piece_size_of(std::size_t size) noexcept {
    constexpr std::size_t fine_below = 1024;
    if (size <= fine_below) {
        return std::max<std::size_t>((size + 15) & ~std::size_t{15}, 16);
    }
    // Four steps for each power of two; whole pages from a page on.
    const std::size_t step = std::bit_floor(size) / 4;
    const std::size_t grain = size < page ? step : std::max(step, page);
    return (size + grain - 1) / grain * grain;
}

std::size_t stack_size() noexcept {
    pthread_attr_t attributes;
    std::size_t size = stack_max;
    if (::pthread_attr_init(&attributes) == 0) {
        ::pthread_attr_getstacksize(&attributes, &size);
        ::pthread_attr_destroy(&attributes);
    }
    return std::min((size + page - 1) & ~(page - 1), stack_max);
}

}  // namespace

bool FixedMemory::exists() noexcept {
    return has_places;
}

FixedMemory::FixedMemory() {
    __atomic_store_n(&owsk::detail::free_fixed, &FixedMemory::free, __ATOMIC_RELEASE);
    for (; has_places && slot_ < slot_count; ++slot_) {
        FixedMemory* nobody = nullptr;
        if (slots[slot_].compare_exchange_strong(nobody, this)) {
            begin_ = fixed_memory_begin + slot_ * slot_size;
            end_ = begin_;
            return;
        }
    }
}

FixedMemory::~FixedMemory() {
    if (begin_ == 0) {
        return;
    }
    if (end_ != begin_) {
        ::munmap(reinterpret_cast<void*>(begin_), end_ - begin_);
    }
    for (const std::uintptr_t lowest : free_stacks_) {
        const std::uintptr_t next = begin_ + stacks_at;
        const std::size_t place = (lowest - next) / stack_distance;
        const std::uintptr_t top = next + (place + 1) * stack_distance;
        ::munmap(reinterpret_cast<void*>(lowest), top - lowest);
    }
    // The next world has the same addresses.
    forget_readable_pages();
    slots[slot_].store(nullptr);
}

bool FixedMemory::map(std::uintptr_t place, std::size_t size) noexcept {
    void* const wanted = reinterpret_cast<void*>(place);
    void* const got = ::mmap(wanted,
                             size,
                             PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
                             -1,
                             0);
    if (got == wanted) {
        return true;
    }
    if (got != MAP_FAILED) {
        // A kernel that takes the place for a wish.
        ::munmap(got, size);
    }
    return false;
}

std::uintptr_t FixedMemory::grow(std::size_t units) noexcept {
    const std::size_t size = units * unit;
    if (end_ + size > begin_ + stacks_at || !map(end_, size)) {
        return 0;
    }
    const std::uintptr_t place = end_;
    end_ += size;
    piece_sizes_.resize((end_ - begin_) / unit);
    return place;
}

void* FixedMemory::allocate(std::size_t size, std::size_t alignment) noexcept {
    if (begin_ == 0 || size > stacks_at) {
        return nullptr;
    }
    const std::size_t piece = piece_size_of(std::max(size, alignment));
    std::vector<std::uintptr_t>& free = free_[piece];
    if (free.empty()) {
        const std::uintptr_t place = grow((piece + unit - 1) / unit);
        if (place == 0) {
            return nullptr;
        }
        piece_sizes_[(place - begin_) / unit] = piece;
        for (std::size_t count = std::max<std::size_t>(unit / piece, 1); count > 0; --count) {
            free.push_back(place + (count - 1) * piece);
        }
    }
    const std::uintptr_t memory = free.back();
    free.pop_back();
    return reinterpret_cast<void*>(memory);
}

void FixedMemory::free(void* memory) noexcept {
    const auto place = reinterpret_cast<std::uintptr_t>(memory);
    FixedMemory* const owner = slots[(place - fixed_memory_begin) / slot_size].load();
    if (owner != nullptr) {
        owner->take_back(place);
    }
}

void FixedMemory::take_back(std::uintptr_t memory) noexcept {
    std::size_t index = (memory - begin_) / unit;
    while (piece_sizes_[index] == 0) {
        --index;
    }
    const std::size_t piece = piece_sizes_[index];
    if (piece >= unit / 4) {
        ::madvise(reinterpret_cast<void*>(memory), piece, MADV_DONTNEED);
    }
    free_[piece].push_back(memory);
}

Stack FixedMemory::new_stack() noexcept {
    if (begin_ == 0) {
        return {};
    }
    static const std::size_t size = stack_size();
    if (!free_stacks_.empty()) {
        const std::uintptr_t lowest = free_stacks_.back();
        free_stacks_.pop_back();
        return {reinterpret_cast<void*>(lowest), size};
    }
    const std::uintptr_t top = begin_ + stacks_at + (stacks_ + std::size_t{1}) * stack_distance;
    if (top > begin_ + slot_size || !map(top - size, size)) {
        return {};
    }
    ++stacks_;
    return {reinterpret_cast<void*>(top - size), size};
}

void FixedMemory::free_stack(const Stack& stack) noexcept {
    if (stack.lowest != nullptr) {
        // What the thread has left there is not for the next one.
        ::madvise(stack.lowest, stack.size, MADV_DONTNEED);
        free_stacks_.push_back(reinterpret_cast<std::uintptr_t>(stack.lowest));
    }
}

}  // namespace owsk::host
