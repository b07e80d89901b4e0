// SPDX-License-Identifier: MIT
// Comparing sequence numbers, which wrap around (RFC 9293, 3.4).
#pragma once

#include <cstdint>

namespace owsk::net {

constexpr bool before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool after(std::uint32_t a, std::uint32_t b) noexcept {
    return before(b, a);
}

}  // namespace owsk::net
