// SPDX-License-Identifier: MIT
// Only ASCII has a meaning outside of texts, whatever the locale says.
#include "net/script/line_reader.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "net/script/wording.h"

namespace owsk::net::script {

namespace {

constexpr Duration longest_duration = std::chrono::hours(24);

bool is_digit(char one) noexcept {
    return one >= '0' && one <= '9';
}

bool is_letter(char one) noexcept {
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_';
}

bool is_space(char one) noexcept {
    return one == ' ' || one == '\t' || one == '\r';
}

std::size_t word_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size()) {
        const bool dot_in_word = length > 0 && text[length] == '.' && length + 1 < text.size() &&
                                 is_letter(text[length + 1]);
        const bool belongs = is_letter(text[length]) || (length > 0 && is_digit(text[length]));
        if (!belongs && !dot_in_word) {
            break;
        }
        ++length;
    }
    return length;
}

std::size_t token_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && !is_space(text[length]) && text[length] != '#') {
        ++length;
    }
    return length;
}

constexpr std::string_view duration_help = "a time is like 300ms, 1.5s, 20us, 7ns or 2min";

std::optional<Duration> unit_named(std::string_view name) noexcept {
    constexpr std::array<std::pair<std::string_view, Duration>, 5> units = {{
        {"ns", std::chrono::nanoseconds(1)},
        {"us", std::chrono::microseconds(1)},
        {"ms", std::chrono::milliseconds(1)},
        {"s", std::chrono::seconds(1)},
        {"min", std::chrono::minutes(1)},
    }};
    for (const auto& [text, unit] : units) {
        if (text == name) {
            return unit;
        }
    }
    return {};
}

}  // namespace

void LineReader::skip_spaces() noexcept {
    while (!rest_.empty() && is_space(rest_.front())) {
        rest_.remove_prefix(1);
    }
}

bool LineReader::at_end() noexcept {
    skip_spaces();
    return rest_.empty() || rest_.front() == '#';
}

std::string LineReader::next_quoted() {
    skip_spaces();
    return quoted(rest_.substr(0, token_length(rest_)));
}

std::string LineReader::found() {
    return at_end() ? "the line ends here" : "this is " + next_quoted();
}

std::string_view LineReader::peek_word() noexcept {
    skip_spaces();
    return rest_.substr(0, word_length(rest_));
}

std::string_view LineReader::word() noexcept {
    const std::string_view result = peek_word();
    rest_.remove_prefix(result.size());
    return result;
}

bool LineReader::take_word(std::string_view word) noexcept {
    const bool is_next = peek_word() == word;
    if (is_next) {
        rest_.remove_prefix(word.size());
    }
    return is_next;
}

bool LineReader::take(std::string_view symbol) noexcept {
    skip_spaces();
    const bool is_next = rest_.starts_with(symbol);
    if (is_next) {
        rest_.remove_prefix(symbol.size());
    }
    return is_next;
}

std::string_view LineReader::token() noexcept {
    skip_spaces();
    const std::string_view result = rest_.substr(0, token_length(rest_));
    rest_.remove_prefix(result.size());
    return result;
}

bool LineReader::number_is_next() noexcept {
    skip_spaces();
    return !rest_.empty() && is_digit(rest_.front());
}

std::uint64_t LineReader::digits(int base, std::string_view what, std::uint64_t largest) {
    std::uint64_t value = 0;
    const char* begin = rest_.data();
    const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value, base);
    if (error == std::errc::invalid_argument) {
        throw Complaint{std::string(what) + " needs a number, like 1460 or 0x5b4, but " + found()};
    }
    if (error == std::errc::result_out_of_range || value > largest) {
        throw Complaint{std::string(what) + " is at most " + std::to_string(largest) + ", not " +
                        next_quoted()};
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - begin));
    return value;
}

std::uint64_t LineReader::number(std::string_view what, std::uint64_t largest) {
    skip_spaces();
    const bool is_hexadecimal = rest_.starts_with("0x");
    if (is_hexadecimal) {
        rest_.remove_prefix(2);
    }
    return digits(is_hexadecimal ? 16 : 10, what, largest);
}

Duration LineReader::duration(std::string_view what) {
    const std::string complaint = std::string(what) + " needs a time of at most 24 hours, but " +
                                  found() + "; " + std::string(duration_help);
    constexpr std::uint64_t largest = 100'000'000'000'000;  // more than a day of nanoseconds
    if (!number_is_next()) {
        throw Complaint{complaint};
    }
    const std::uint64_t whole = digits(10, what, largest);
    std::string_view fraction;
    if (rest_.size() > 1 && rest_[0] == '.' && is_digit(rest_[1])) {
        rest_.remove_prefix(1);
        std::size_t length = 0;
        while (length < rest_.size() && is_digit(rest_[length])) {
            ++length;
        }
        fraction = rest_.substr(0, length);
        rest_.remove_prefix(length);
    }
    const std::optional<Duration> unit = unit_named(word());
    if (!unit) {
        throw Complaint{complaint};
    }
    auto part = static_cast<std::uint64_t>(unit->count());
    const auto limit = static_cast<std::uint64_t>(longest_duration.count());
    if (whole > limit / part) {
        throw Complaint{complaint};
    }
    std::uint64_t length = whole * part;
    for (const char digit : fraction) {
        part /= 10;
        length += static_cast<std::uint64_t>(digit - '0') * part;
    }
    if (length > limit) {
        throw Complaint{complaint};
    }
    return Duration(static_cast<Duration::rep>(length));
}

bool LineReader::text_is_next() noexcept {
    skip_spaces();
    return rest_.starts_with('"');
}

char LineReader::escape() {
    constexpr std::array<std::pair<char, char>, 5> escapes = {
        {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'"', '"'}, {'\\', '\\'}}};
    const char kind = rest_.empty() ? '\0' : rest_.front();
    for (const auto& [name, meaning] : escapes) {
        if (kind == name) {
            rest_.remove_prefix(1);
            return meaning;
        }
    }
    unsigned value = 0;
    if (kind == 'x' && rest_.size() >= 3) {
        const char* end = rest_.data() + 3;
        if (std::from_chars(rest_.data() + 1, end, value, 16).ptr == end) {
            rest_.remove_prefix(3);
            return static_cast<char>(value);
        }
    }
    throw Complaint{quoted("\\" + std::string(rest_.substr(0, 1))) +
                    " is no escape; there are \\n \\r \\t \\\" \\\\ and \\x with two hexadecimal "
                    "digits"};
}

std::string LineReader::text() {
    skip_spaces();
    std::string result;
    rest_.remove_prefix(1);  // the quote
    while (!rest_.empty() && rest_.front() != '"') {
        const char one = rest_.front();
        rest_.remove_prefix(1);
        result += one == '\\' ? escape() : one;
    }
    if (!take("\"")) {
        throw Complaint{"the text has no end; close it with \" on the same line"};
    }
    return result;
}

}  // namespace owsk::net::script
