// SPDX-License-Identifier: MIT
// Decoding follows the Unicode recommendation: one replacement character for each maximal part of
// an ill-formed sequence.
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// What may follow the first byte of a UTF-8 sequence; the first continuation byte has limits that
// rule out overlong forms, surrogates and values above U+10FFFF.
struct Lead {
    std::size_t continuations;
    std::uint32_t bits;
    unsigned char second_min;
    unsigned char second_max;
};

Lead classify(unsigned char first) noexcept {
    if (first >= 0xC2 && first <= 0xDF) {
        return {1, first & 0x1FU, 0x80, 0xBF};
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned char min = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned char max = first == 0xED ? 0x9F : 0xBF;
        return {2, first & 0x0FU, min, max};
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned char min = first == 0xF0 ? 0x90 : 0x80;
        const unsigned char max = first == 0xF4 ? 0x8F : 0xBF;
        return {3, first & 0x07U, min, max};
    }
    return {0, 0, 0, 0};
}

bool is_high_surrogate(WCHAR unit) noexcept {
    return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(WCHAR unit) noexcept {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace

Decoded decode(std::span<const char> text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const Lead lead = classify(first);
    if (lead.continuations == 0) {
        return {replacement_character, 1, false};
    }
    std::uint32_t code_point = lead.bits;
    for (std::size_t i = 1; i <= lead.continuations; ++i) {
        const unsigned char min = i == 1 ? lead.second_min : 0x80;
        const unsigned char max = i == 1 ? lead.second_max : 0xBF;
        const auto byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
        if (byte < min || byte > max) {
            return {replacement_character, i, false};
        }
        code_point = code_point << 6 | (byte & 0x3FU);
    }
    return {code_point, lead.continuations + 1, true};
}

Decoded decode(std::span<const WCHAR> text) noexcept {
    const WCHAR first = text[0];
    if (is_high_surrogate(first) && text.size() > 1 && is_low_surrogate(text[1])) {
        const std::uint32_t high = first - 0xD800U;
        const std::uint32_t low = text[1] - 0xDC00U;
        return {0x10000U + (high << 10 | low), 2, true};
    }
    if (is_high_surrogate(first) || is_low_surrogate(first)) {
        return {replacement_character, 1, false};
    }
    return {first, 1, true};
}

Encoded<char> encode_utf8(std::uint32_t code_point) noexcept {
    const auto tail = [code_point](unsigned shift) {
        return static_cast<char>(0x80U | (code_point >> shift & 0x3FU));
    };
    if (code_point < 0x80) {
        return {{static_cast<char>(code_point)}, 1};
    }
    if (code_point < 0x800) {
        return {{static_cast<char>(0xC0U | code_point >> 6), tail(0)}, 2};
    }
    if (code_point < 0x10000) {
        return {{static_cast<char>(0xE0U | code_point >> 12), tail(6), tail(0)}, 3};
    }
    return {{static_cast<char>(0xF0U | code_point >> 18), tail(12), tail(6), tail(0)}, 4};
}

Encoded<WCHAR> encode_utf16(std::uint32_t code_point) noexcept {
    if (code_point < 0x10000) {
        return {{static_cast<WCHAR>(code_point)}, 1};
    }
    const std::uint32_t offset = code_point - 0x10000U;
    return {{static_cast<WCHAR>(0xD800U + (offset >> 10)),
             static_cast<WCHAR>(0xDC00U + (offset & 0x3FFU))},
            2};
}

std::string to_utf8(std::span<const WCHAR> text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Decoded next = decode(text);
        const Encoded<char> units = encode_utf8(next.code_point);
        result.append(units.units, units.length);
        text = text.subspan(next.length);
    }
    return result;
}

std::vector<WCHAR> to_utf16(std::string_view text) {
    std::vector<WCHAR> result;
    result.reserve(text.size());
    std::span<const char> rest(text.data(), text.size());
    while (!rest.empty()) {
        const Decoded next = decode(rest);
        const Encoded<WCHAR> units = encode_utf16(next.code_point);
        result.insert(result.end(), units.units, units.units + units.length);
        rest = rest.subspan(next.length);
    }
    return result;
}

}  // namespace owsk::nt::rtl
