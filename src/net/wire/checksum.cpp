// SPDX-License-Identifier: MIT
// Carries are gathered in the upper half of a wide sum and added at the end.
#include "net/wire/checksum.h"

#include "net/wire/octets.h"

namespace owsk::net {

std::uint64_t sum_of(std::span<const std::byte> bytes) noexcept {
    std::uint64_t sum = 0;
    const std::size_t words_end = bytes.size() / 2 * 2;
    for (std::size_t at = 0; at < words_end; at += 2) {
        sum += get16(bytes, at);
    }
    if (words_end != bytes.size()) {
        sum += static_cast<std::uint64_t>(get8(bytes, words_end)) << 8;
    }
    return sum;
}

std::uint16_t checksum(std::uint64_t sum) noexcept {
    while (sum > 0xffff) {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return static_cast<std::uint16_t>(~sum & 0xffff);
}

}  // namespace owsk::net
