// SPDX-License-Identifier: MIT
// Numbers in the bytes of a packet: the highest octet first, at any place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace owsk::net {

inline std::uint8_t get8(std::span<const std::byte> bytes, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

inline std::uint16_t get16(std::span<const std::byte> bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(get8(bytes, at) << 8 | get8(bytes, at + 1));
}

inline std::uint32_t get32(std::span<const std::byte> bytes, std::size_t at) noexcept {
    return static_cast<std::uint32_t>(get16(bytes, at)) << 16 | get16(bytes, at + 2);
}

inline void put8(std::span<std::byte> bytes, std::size_t at, std::uint8_t value) noexcept {
    bytes[at] = std::byte{value};
}

inline void put16(std::span<std::byte> bytes, std::size_t at, std::uint16_t value) noexcept {
    put8(bytes, at, static_cast<std::uint8_t>(value >> 8));
    put8(bytes, at + 1, static_cast<std::uint8_t>(value & 0xff));
}

inline void put32(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) noexcept {
    put16(bytes, at, static_cast<std::uint16_t>(value >> 16));
    put16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}

}  // namespace owsk::net
