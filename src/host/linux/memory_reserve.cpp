// SPDX-License-Identifier: MIT
// The reserve comes from the heap: when clients have gone, what they used is free there, and goes
// back to the system only in part. It counts for the limits that a process can meet before the
// system is out of memory altogether (ulimit -v, vm.overcommit_memory=2), though nobody writes to
// it.
#include "host/linux/memory_reserve.h"

#include <malloc.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "base/memory_shortage.h"

namespace owsk::host {

namespace {

// In pieces, because each allocation that fails gives one back.
constexpr std::size_t piece_size = 64 * 1024;
constexpr std::size_t piece_count = 128;
// Some of the heap never has whole pieces again, and who waits for all of them may wait for ever.
constexpr std::size_t enough_pieces = piece_count / 4 * 3;

constinit std::array<std::atomic<void*>, piece_count> pieces{};

// How many there are then.
std::size_t fill() noexcept {
    std::size_t count = 0;
    bool is_refused = false;
    for (std::atomic<void*>& piece : pieces) {
        if (piece.load(std::memory_order_relaxed) != nullptr) {
            ++count;
            continue;
        }
        void* const memory = is_refused ? nullptr : std::malloc(piece_size);
        if (memory == nullptr) {
            is_refused = true;
            continue;
        }
        ++count;
        void* expected = nullptr;
        if (!piece.compare_exchange_strong(expected, memory)) {
            std::free(memory);
        }
    }
    return count;
}

bool has_limit(decltype(RLIMIT_AS) resource) noexcept {
    rlimit limit = {};
    return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// The C library gives each thread 64 MiB of addresses for its allocations. Where a limit leaves no
// room for that, it makes a mapping for each of them, a page at least, and the limit is near at
// once. With one place for all threads it does not try.
void share_one_arena() noexcept {
#ifdef M_ARENA_MAX
    if (has_limit(RLIMIT_AS) || has_limit(RLIMIT_DATA)) {
        ::mallopt(M_ARENA_MAX, 1);
    }
#endif
}

// A std::new_handler: makes room, or fails.
void use_reserve() {
    memory_was_refused.store(true, std::memory_order_relaxed);
    for (std::atomic<void*>& piece : pieces) {
        void* const memory = piece.exchange(nullptr);
        if (memory != nullptr) {
            std::free(memory);
            return;
        }
    }
    throw std::bad_alloc();
}

}  // namespace

void keep_memory_reserve() noexcept {
    if (std::get_new_handler() == nullptr) {
        share_one_arena();
        fill();
        std::set_new_handler(use_reserve);
    }
}

bool memory_is_short() noexcept {
    if (!memory_was_refused.load(std::memory_order_relaxed)) {
        return false;
    }
    memory_was_refused.store(false, std::memory_order_relaxed);
    const std::size_t count = fill();
    if (count < piece_count) {
        memory_was_refused.store(true, std::memory_order_relaxed);
    }
    return count < enough_pieces;
}

}  // namespace owsk::host
