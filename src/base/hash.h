// SPDX-License-Identifier: MIT
// Mixing of numbers into a hash, for tables of this process.
#pragma once

#include <cstdint>

namespace owsk {

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 29);
}

}  // namespace owsk
