// SPDX-License-Identifier: MIT
// Reading IP addresses, scopes and ports the way the Windows functions do.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <cstdint>

namespace owsk::nt::rtl {

// A position in a string that ends with a NUL. A read that fails leaves it where the text stopped
// making sense, which is what Windows hands back as Terminator.
template <typename Char>
class IpReader {
  public:
    explicit IpReader(const Char* text) noexcept : next_(text) {}

    const Char* position() const noexcept { return next_; }
    bool at_end() const noexcept { return *next_ == 0; }
    bool skip(char unit) noexcept;

    // Addresses are stored in network byte order, and only if the whole of one was read.
    // Strict: four decimal parts. Otherwise one to four parts, each decimal, octal or hexadecimal.
    bool read_ipv4(bool strict, std::uint8_t* octets) noexcept;
    bool read_ipv6(std::uint8_t* octets) noexcept;
    // A decimal number.
    bool read_scope(std::uint32_t& scope) noexcept;
    // 1 to 65535 in any base; stored in network byte order.
    bool read_port(std::uint16_t& port) noexcept;

  private:
    class Ipv6Groups;

    int digit(unsigned base) const noexcept;
    bool read_number(bool strict, std::uint32_t& value) noexcept;
    bool read_group(std::uint16_t& group) noexcept;
    bool at_ipv4_tail() const noexcept;

    const Char* next_;
};

}  // namespace owsk::nt::rtl
