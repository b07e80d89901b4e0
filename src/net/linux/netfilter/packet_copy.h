// SPDX-License-Identifier: MIT
// PacketCopy: the packet of a SYN, kept in case the kernel loses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace owsk::net {

class PacketCopy {
  public:
    // IPv4 and TCP with all options that there can be; IPv6 and TCP with some extension headers.
    static constexpr std::size_t bytes_max = 120;

    explicit PacketCopy(std::span<const std::byte> packet) noexcept {
        if (packet.size() <= bytes_max) {
            length_ = static_cast<std::uint8_t>(packet.size());
            std::memcpy(bytes_.data(), packet.data(), packet.size());
        }
    }

    // Empty if it was too long to be kept.
    std::span<const std::byte> bytes() const noexcept { return std::span(bytes_).first(length_); }

  private:
    std::uint8_t length_ = 0;
    std::array<std::byte, bytes_max> bytes_;  // as far as the length says
};

}  // namespace owsk::net
