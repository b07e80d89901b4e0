// SPDX-License-Identifier: MIT
// IP addresses as Windows writes them. The text is ASCII, so both widths of the API share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace owsk::nt::rtl {

// ASCII text that cannot outgrow its place: the longest is a bracketed IPv6 address with an IPv4
// tail, a scope and a port, 65 characters with the NUL.
class IpText {
  public:
    void put(char unit) noexcept;
    void put(const char* text) noexcept;
    void put_decimal(std::uint32_t value) noexcept;
    void put_hexadecimal(std::uint32_t value) noexcept;

    std::span<const char> text() const noexcept { return {buffer_, length_}; }

  private:
    static constexpr std::size_t capacity = 65;
    char buffer_[capacity];
    std::size_t length_ = 0;
};

// Addresses are in network byte order.
void put_ipv4(IpText& text, const std::uint8_t* octets) noexcept;
void put_ipv6(IpText& text, const std::uint8_t* octets) noexcept;

}  // namespace owsk::nt::rtl
