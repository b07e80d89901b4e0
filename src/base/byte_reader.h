// SPDX-License-Identifier: MIT
// ByteReader: values and texts out of the bytes of a file, never beyond their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace owsk {

class ByteReader {
  public:
    // The bytes outlive the reader.
    explicit ByteReader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

    // The bytes may be unaligned, so they are copied.
    template <typename T>
    std::optional<T> at(std::uint64_t offset) const noexcept {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) {
            return std::nullopt;
        }
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    // The text up to its zero; empty if it does not end inside the bytes.
    std::string text(std::uint64_t offset) const {
        if (offset >= bytes_.size()) {
            return {};
        }
        const char* first = reinterpret_cast<const char*>(bytes_.data()) + offset;
        const std::size_t room = bytes_.size() - offset;
        const std::size_t length = strnlen(first, room);
        return length == room ? std::string() : std::string(first, length);
    }

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace owsk
