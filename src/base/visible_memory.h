// SPDX-License-Identifier: MIT
// Memory whose address drivers see: pool, sockets, objects of the executive. On the real machine it
// is plain memory. In a simulation its addresses are the same in each run of a seed
// (host/sim/fixed_memory.h), whatever the system and the C library have chosen for everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace owsk {

// Where simulations keep it: below everything that the system places by itself.
inline constexpr std::uintptr_t fixed_memory_begin = std::uintptr_t{1} << 44;
inline constexpr std::uintptr_t fixed_memory_size = std::uintptr_t{1} << 46;

// Null when there is none. `alignment` is a power of two, 16 at least.
void* allocate_visible(std::size_t size, std::size_t alignment = 16) noexcept;
// From any thread; null is nothing.
void free_visible(void* memory) noexcept;

// For what is made by new and deleted: a base class that says where.
struct Visible {
    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
        return allocate_visible(size);
    }
    static void* operator new(std::size_t size) {
        void* const memory = allocate_visible(size);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        return memory;
    }
    static void operator delete(void* memory) noexcept { free_visible(memory); }
    static void operator delete(void* memory, const std::nothrow_t&) noexcept {
        free_visible(memory);
    }
};

// For containers whose elements a driver sees.
template <typename T>
struct VisibleAllocator {
    using value_type = T;

    VisibleAllocator() = default;
    template <typename Other>
    VisibleAllocator(const VisibleAllocator<Other>&) noexcept {}

    T* allocate(std::size_t count) {
        return static_cast<T*>(Visible::operator new(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) noexcept { free_visible(memory); }

    friend bool operator==(const VisibleAllocator&, const VisibleAllocator&) noexcept {
        return true;
    }
};

}  // namespace owsk
