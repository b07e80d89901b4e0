// SPDX-License-Identifier: MIT
// The checksum of IP, TCP and UDP (RFC 1071).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace owsk::net {

// The sum of the 16-bit words before it is folded. An odd last octet counts as the high half of a
// word, so that only the last piece of what is summed may have an odd length.
std::uint64_t sum_of(std::span<const std::byte> bytes) noexcept;

// What goes into the header.
std::uint16_t checksum(std::uint64_t sum) noexcept;

}  // namespace owsk::net
