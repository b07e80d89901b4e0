// SPDX-License-Identifier: MIT
// A number and its unit.
#include "sim/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace wskrun {

namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array duration_units = {Unit{"ns", 1},
                                       Unit{"us", 1e3},
                                       Unit{"ms", 1e6},
                                       Unit{"s", 1e9},
                                       Unit{"m", 60e9},
                                       Unit{"h", 3600e9}};
constexpr std::array size_units = {Unit{"B", 1},
                                   Unit{"kB", 1e3},
                                   Unit{"MB", 1e6},
                                   Unit{"GB", 1e9},
                                   Unit{"KiB", 1024},
                                   Unit{"MiB", 1048576},
                                   Unit{"GiB", 1073741824}};
constexpr std::array rate_units = {Unit{"B/s", 8},
                                   Unit{"kB/s", 8e3},
                                   Unit{"MB/s", 8e6},
                                   Unit{"GB/s", 8e9},
                                   Unit{"kbit/s", 1e3},
                                   Unit{"Mbit/s", 1e6},
                                   Unit{"Gbit/s", 1e9}};
constexpr std::array share_units = {Unit{"%", 0.01}};

// Beyond it neither a double nor a count of nanoseconds is exact; 100 days are 8.64e15 ns.
constexpr double largest = 9e15;

std::optional<double> parse(std::string_view text, std::span<const Unit> units) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] =
        std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) {
        return {};
    }
    std::string_view name(stopped, static_cast<std::size_t>(end - stopped));
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    for (const Unit& unit : units) {
        if (unit.name == name) {
            const double value = number * unit.factor;
            return value <= largest ? std::optional(value) : std::nullopt;
        }
    }
    return {};
}

std::string escaped(char byte) {
    switch (byte) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        default:
            break;
    }
    const auto number = static_cast<unsigned char>(byte);
    if (number >= 0x20 && number < 0x7f) {
        return {byte};
    }
    constexpr std::string_view digits = "0123456789abcdef";
    return {'\\', 'x', digits[number / 16], digits[number % 16]};
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const std::optional<double> value = parse(text, duration_units);
    return value ? std::optional(Duration(std::llround(*value))) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const std::optional<double> value = parse(text, size_units);
    return value ? std::optional(static_cast<std::uint64_t>(std::llround(*value))) : std::nullopt;
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
    const std::optional<double> value = parse(text, rate_units);
    return value ? std::optional(static_cast<std::uint64_t>(std::llround(*value))) : std::nullopt;
}

std::optional<double> parse_share(std::string_view text) {
    return parse(text, share_units);
}

std::string show(Duration duration) {
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t count = duration.count();
    std::int64_t whole_unit = second;
    const char* name = "s";
    if (count != 0 && count < second) {
        whole_unit = count < 1'000'000 ? 1'000 : 1'000'000;
        name = count < 1'000'000 ? "us" : "ms";
    }
    std::string text = std::to_string(count / whole_unit);
    std::string fraction = std::to_string(whole_unit + count % whole_unit).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return text + (fraction.empty() ? "" : '.' + fraction) + name;
}

std::string show_bytes(std::string_view bytes) {
    constexpr std::size_t shown_max = 60;
    std::string text = "\"";
    for (const char byte : bytes.substr(0, shown_max)) {
        text += escaped(byte);
    }
    text += '"';
    if (bytes.size() > shown_max) {
        text += "... (" + std::to_string(bytes.size()) + " bytes)";
    }
    return text;
}

}  // namespace wskrun
