// SPDX-License-Identifier: MIT
// UTF-8 and UTF-16, one code point at a time. What is not well formed reads as U+FFFD, as the
// Windows conversions have it.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace owsk::nt::rtl {

inline constexpr std::uint32_t replacement_character = 0xFFFD;

// A code point, the units it was read from, and whether they were well formed.
struct Decoded {
    std::uint32_t code_point;
    std::size_t length;
    bool well_formed;
};

// Precondition: `text` is not empty.
Decoded decode(std::span<const char> text) noexcept;
Decoded decode(std::span<const WCHAR> text) noexcept;

// A code point as UTF-8 or UTF-16 units.
template <typename Char>
struct Encoded {
    Char units[4];
    std::size_t length;
};
Encoded<char> encode_utf8(std::uint32_t code_point) noexcept;
Encoded<WCHAR> encode_utf16(std::uint32_t code_point) noexcept;

// The same by the type of the unit, for templates over both.
template <typename Char>
Encoded<Char> encode(std::uint32_t code_point) noexcept;
template <>
inline Encoded<char> encode<char>(std::uint32_t code_point) noexcept {
    return encode_utf8(code_point);
}
template <>
inline Encoded<WCHAR> encode<WCHAR>(std::uint32_t code_point) noexcept {
    return encode_utf16(code_point);
}

// Not std::basic_string<WCHAR>: its traits call glibc's wide functions, which read 32-bit units.
std::string to_utf8(std::span<const WCHAR> text);
std::vector<WCHAR> to_utf16(std::string_view text);

// The characters of a counted string; none for a null pointer or a null buffer.
inline std::span<const WCHAR> characters(const UNICODE_STRING* string) noexcept {
    if (string == nullptr || string->Buffer == nullptr) {
        return {};
    }
    return {string->Buffer, string->Length / sizeof(WCHAR)};
}
inline std::span<const char> characters(const STRING* string) noexcept {
    if (string == nullptr || string->Buffer == nullptr) {
        return {};
    }
    return {string->Buffer, string->Length};
}

// The length of a string that ends with a NUL, or `limit` if none is found before.
template <typename Char>
std::size_t bounded_length(const Char* text, std::size_t limit = SIZE_MAX) noexcept {
    std::size_t length = 0;
    while (length < limit && text[length] != 0) {
        ++length;
    }
    return length;
}

}  // namespace owsk::nt::rtl
