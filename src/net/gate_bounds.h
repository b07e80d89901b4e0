// SPDX-License-Identifier: MIT
// The bounds of a conditional listener where the user has given none, for every network.
#pragma once

#include <cstddef>
#include <cstdint>

namespace owsk::net {

// Attempts that are held at the SYN. Each costs a few hundred bytes.
inline constexpr std::size_t held_at_the_syn = 4096;
// Attempts that are held after the handshake, and accepted connections that nobody has taken. Each
// costs a descriptor.
inline constexpr std::size_t held_after_the_handshake = 1024;
inline constexpr std::size_t untaken_connections = 1024;

constexpr std::size_t bound_of(std::uint32_t wanted, std::size_t usual) noexcept {
    return wanted != 0 ? wanted : usual;
}

}  // namespace owsk::net
