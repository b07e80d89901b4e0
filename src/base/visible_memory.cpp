// SPDX-License-Identifier: MIT
// Who allocates is the calling thread's simulation; who takes back is told by the address.
#include "base/visible_memory.h"

#include <cstdlib>
#include <new>

#include "base/interleave.h"

namespace owsk {

namespace {

// As operator new asks: a handler may make room (host/linux/memory_reserve.h).
bool room_is_made() noexcept {
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) {
        return false;
    }
    try {
        handler();
    } catch (const std::bad_alloc&) {
        return false;
    }
    return true;
}

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    return alignment <= 16
               ? std::malloc(size)
               : std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
}

}  // namespace

void* allocate_visible(std::size_t size, std::size_t alignment) noexcept {
    if (detail::interleaver != nullptr) {
        void* const memory = detail::interleaver->allocate(size, alignment);
        if (memory != nullptr) {
            return memory;
        }
    }
    void* memory = allocate(size, alignment);
    while (memory == nullptr && room_is_made()) {
        memory = allocate(size, alignment);
    }
    return memory;
}

void free_visible(void* memory) noexcept {
    if (reinterpret_cast<std::uintptr_t>(memory) - fixed_memory_begin < fixed_memory_size) {
        __atomic_load_n(&detail::free_fixed, __ATOMIC_ACQUIRE)(memory);
    } else {
        std::free(memory);
    }
}

}  // namespace owsk
