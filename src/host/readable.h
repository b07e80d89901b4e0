// SPDX-License-Identifier: MIT
// Whether a pointer of a driver leads to memory. The same for every host: what is in the process is
// there for real, also in a simulation.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace owsk::host {

namespace detail {

inline constexpr unsigned page_bits = 12;
// As many as a driver uses at a time, and what it has freed and is kept for a while.
inline constexpr std::size_t known_pages = 4096;
// Pages that were readable when somebody looked last.
inline constinit std::array<std::atomic<std::uintptr_t>, known_pages> readable_pages = {};

// Not by the lowest bits alone: stacks and heaps of threads begin at multiples of 64 MiB, and what
// is at the same place in two of them would take turns.
inline std::atomic<std::uintptr_t>& place_of(std::uintptr_t page) noexcept {
    return readable_pages[(page ^ page / known_pages) % known_pages];
}

inline bool is_known(std::uintptr_t page) noexcept {
    return place_of(page).load(std::memory_order_relaxed) == page && page != 0;
}

inline void remember_page(std::uintptr_t page) noexcept {
    place_of(page).store(page, std::memory_order_relaxed);
}

// The same as is_readable() below, for pages that are not known. Elsewhere, so that who asks does
// not have to keep anything for it.
bool learn_readable(const void* address, std::size_t size) noexcept;

}  // namespace detail

// Asks the kernel about each page of the range.
bool is_readable_now(const void* address, std::size_t size) noexcept;

// To be called by whoever gives memory back to the system, so that it is asked again.
void forget_readable_pages() noexcept;

// The same for what is looked at all the time: a page that was readable once is not asked about
// again for a while. A page that was unmapped meanwhile, and not by us, faults where it is used.
inline bool is_readable(const void* address, std::size_t size) noexcept {
    const auto first = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t page = first >> detail::page_bits;
    const std::uintptr_t last_page = (first + size - 1) >> detail::page_bits;
    if (detail::is_known(page) &&
        (last_page == page || (last_page == page + 1 && detail::is_known(last_page)))) {
        return true;
    }
    return detail::learn_readable(address, size);
}

// The same for a single byte.
inline bool is_readable(const void* address) noexcept {
    return detail::is_known(reinterpret_cast<std::uintptr_t>(address) >> detail::page_bits) ||
           detail::learn_readable(address, 1);
}

}  // namespace owsk::host
