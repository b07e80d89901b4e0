// SPDX-License-Identifier: MIT
// NetlinkMessages: one or more requests to nfnetlink, built in a buffer that does not grow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace owsk::net {

// What does not fit is left out and remembered: is_complete() is then false and the socket refuses
// to send. Attributes are put in the order of the wire; numbers are written in network byte order.
// A value as it lies in memory, for an attribute.
template <typename Value>
std::span<const std::byte> bytes_of(const Value& value) noexcept {
    return std::as_bytes(std::span(&value, 1));
}

class NetlinkMessages {
  public:
    static constexpr std::size_t capacity = 8192;
    static constexpr std::size_t depth_max = 8;

    // Starts a message; what is put from now on belongs to it. Precondition: nothing is open.
    void begin(std::uint16_t type,
               std::uint16_t flags,
               std::uint8_t family,
               std::uint16_t resource = 0) noexcept;
    // What lies between these two takes effect as a whole or not at all.
    void begin_batch(std::uint16_t subsystem) noexcept;
    void end_batch(std::uint16_t subsystem) noexcept;

    void put(std::uint16_t attribute, std::span<const std::byte> value) noexcept;
    void put_u8(std::uint16_t attribute, std::uint8_t value) noexcept;
    void put_be16(std::uint16_t attribute, std::uint16_t value) noexcept;
    void put_be32(std::uint16_t attribute, std::uint32_t value) noexcept;
    void put_be64(std::uint16_t attribute, std::uint64_t value) noexcept;
    // With the zero at the end that the kernel expects.
    void put_text(std::uint16_t attribute, std::string_view text) noexcept;

    // An attribute that contains the attributes put until close().
    void open(std::uint16_t attribute) noexcept;
    void close() noexcept;

    bool is_complete() const noexcept { return fits_ && depth_ == 0; }
    // The messages so far. The socket stamps them with sequence numbers.
    std::span<std::byte> bytes() noexcept { return {buffer_.data(), size_}; }

  private:
    // Room for `length` bytes at the end, zeroed up to the next boundary; null if there is none.
    std::byte* grow(std::size_t length) noexcept;
    void write_length() noexcept;

    std::array<std::byte, capacity> buffer_;
    std::size_t size_ = 0;
    std::size_t message_ = 0;  // where the last message starts
    std::array<std::size_t, depth_max> open_ = {};
    std::size_t depth_ = 0;
    bool fits_ = true;
};

}  // namespace owsk::net
