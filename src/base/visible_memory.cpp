// SPDX-License-Identifier: MIT
// Who allocates is the calling thread's simulation; who takes back is told by the address.
#include "base/visible_memory.h"

#include <cstdlib>

#include "base/interleave.h"

namespace owsk {

void* allocate_visible(std::size_t size, std::size_t alignment) noexcept {
    if (detail::interleaver != nullptr) {
        void* const memory = detail::interleaver->allocate(size, alignment);
        if (memory != nullptr) {
            return memory;
        }
    }
    return alignment <= 16
               ? std::malloc(size)
               : std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
}

void free_visible(void* memory) noexcept {
    if (reinterpret_cast<std::uintptr_t>(memory) - fixed_memory_begin < fixed_memory_size) {
        __atomic_load_n(&detail::free_fixed, __ATOMIC_ACQUIRE)(memory);
    } else {
        std::free(memory);
    }
}

}  // namespace owsk
