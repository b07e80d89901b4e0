// SPDX-License-Identifier: MIT
// "00 ff" and "hello", and how often.
#include "sim/read_bytes.h"

#include <limits>
#include <string_view>

namespace wskrun {

namespace {

int digit_of(char character) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char lower =
        character >= 'A' && character <= 'F' ? static_cast<char>(character - 'A' + 'a') : character;
    const std::size_t at = digits.find(lower);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// "00 ff 1a": pairs of digits, with or without blanks between them.
std::string hex_of(const Value& value, const std::string& what) {
    const std::string& text = text_of(value, what);
    std::string bytes;
    int high = -1;
    for (const char character : text) {
        const int digit = digit_of(character);
        if (character == ' ' && high < 0) {
            continue;
        }
        if (digit < 0) {
            refuse_kind(value, what, "pairs of hexadecimal digits, such as \"00 ff 1a\"");
        }
        if (high < 0) {
            high = digit;
        } else {
            bytes += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
    if (high >= 0) {
        refuse_kind(value, what, "pairs of hexadecimal digits, such as \"00 ff 1a\"");
    }
    return bytes;
}

}  // namespace

std::string repeated(const std::string& text, std::uint64_t times) {
    std::string bytes;
    bytes.reserve(text.size() * times);
    for (std::uint64_t i = 0; i < times; ++i) {
        bytes += text;
    }
    return bytes;
}

Bytes read_bytes(const Section& section,
                 const char* name,
                 const char* hex_name,
                 std::uint64_t most,
                 const char* too_many) {
    const Value& value = section.has(name) ? section.require(name) : section.require(hex_name);
    Bytes bytes;
    bytes.text = section.has(name) ? text_of(value, name) : hex_of(value, hex_name);
    bytes.repeat = static_cast<std::uint64_t>(
        section.whole("repeat", 1, std::numeric_limits<std::int64_t>::max()).value_or(1));
    if (!bytes.text.empty() && bytes.repeat > most / bytes.text.size()) {
        const Value* const repeat = section.find("repeat");
        throw ScenarioError(repeat != nullptr ? repeat->line : value.line, too_many);
    }
    return bytes;
}

}  // namespace wskrun
