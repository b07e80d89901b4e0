// SPDX-License-Identifier: MIT
// Whether a pointer of a driver leads to memory. The same for every host: what is in the process is
// there for real, also in a simulation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace owsk::host {

namespace detail {

inline constexpr unsigned page_bits = 12;
// Pages that were readable when the thread looked last, by their lowest bits.
inline constexpr std::size_t known_pages = 64;
inline constinit thread_local std::array<std::uintptr_t, known_pages> readable_pages = {};

inline bool is_known(std::uintptr_t page) noexcept {
    return readable_pages[page % known_pages] == page && page != 0;
}

}  // namespace detail

// Asks the kernel about each page of the range.
bool is_readable_now(const void* address, std::size_t size) noexcept;

// The same for what is looked at all the time: a page that was readable once is not asked about
// again by this thread for a while. A page that was unmapped meanwhile faults where it is used.
inline bool is_readable(const void* address, std::size_t size) noexcept {
    const auto first = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t page = first >> detail::page_bits;
    const std::uintptr_t last_page = (first + size - 1) >> detail::page_bits;
    if (detail::is_known(page) &&
        (last_page == page || (last_page == page + 1 && detail::is_known(last_page)))) {
        return true;
    }
    if (!is_readable_now(address, size)) {
        return false;
    }
    detail::readable_pages[page % detail::known_pages] = page;
    detail::readable_pages[last_page % detail::known_pages] = last_page;
    return true;
}

// The same for a single byte.
inline bool is_readable(const void* address) noexcept {
    return detail::is_known(reinterpret_cast<std::uintptr_t>(address) >> detail::page_bits) ||
           is_readable(address, 1);
}

}  // namespace owsk::host
