// SPDX-License-Identifier: MIT
// From "echo.Port=5001" to a registry value.
#include "parameter.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <stdexcept>

namespace wskrun {

namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

// Decimal, or hexadecimal after 0x. Digits that make no 32-bit number are a mistake, not a text.
bool parse_number(const std::string& argument, const std::string& text, std::uint32_t& number) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    const char* first = text.data() + (hexadecimal ? 2 : 0);
    const char* last = text.data() + text.size();
    std::uint64_t wide = 0;
    const auto [end, error] = std::from_chars(first, last, wide, hexadecimal ? 16 : 10);
    if (first == last || end != last) {
        return false;
    }
    if (error != std::errc() || wide > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument(argument + ": " + text +
                                    " is more than a REG_DWORD holds (4294967295); "
                                    "--set-text passes it as text");
    }
    number = static_cast<std::uint32_t>(wide);
    return true;
}

std::vector<std::string> split_at_commas(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t first = 0;
    while (first <= text.size()) {
        const std::size_t comma = std::min(text.find(',', first), text.size());
        if (comma > first) {  // a REG_MULTI_SZ cannot hold an empty string
            parts.push_back(text.substr(first, comma - first));
        }
        first = comma + 1;
    }
    return parts;
}

// The longest driver name that starts the target, because a name may be the start of another.
std::string find_driver(const std::string& target, const std::vector<std::string>& drivers) {
    std::string found;
    for (const std::string& driver : drivers) {
        if (target.starts_with(driver + '.') && driver.size() > found.size()) {
            found = driver;
        }
    }
    return found;
}

}  // namespace

Parameter parse_parameter(const std::string& argument,
                          ParameterKind kind,
                          const std::vector<std::string>& drivers) {
    const std::size_t equals = argument.find('=');
    const std::string target = argument.substr(0, equals);
    if (equals == std::string::npos || target.find('.') == std::string::npos) {
        throw std::invalid_argument(
            '"' + argument + "\" is not of the form DRIVER.NAME=VALUE, such as echo.Port=5001");
    }
    Parameter parameter;
    parameter.driver = find_driver(target, drivers);
    if (parameter.driver.empty()) {
        throw std::invalid_argument(
            argument + ": no driver of this run has that name; the drivers are " + joined(drivers));
    }
    parameter.name = target.substr(parameter.driver.size() + 1);
    if (parameter.name.empty()) {
        throw std::invalid_argument(argument + ": the name of the value is missing after " +
                                    parameter.driver + '.');
    }
    const std::string text = argument.substr(equals + 1);
    std::uint32_t number = 0;
    if (kind == ParameterKind::list) {
        parameter.value = split_at_commas(text);
    } else if (kind == ParameterKind::number_or_text && parse_number(argument, text, number)) {
        parameter.value = number;
    } else {
        parameter.value = text;
    }
    return parameter;
}

void apply(const Parameter& parameter, owsk::Machine& machine) {
    std::visit(
        [&](const auto& value) { machine.set_parameter(parameter.driver, parameter.name, value); },
        parameter.value);
}

void say_what_was_not_read(const owsk::Machine& machine) {
    for (const std::string& name : machine.unread_parameters()) {
        std::fprintf(stderr,
                     "wskrun: no driver asked for the registry value %s; is its name right?\n",
                     name.c_str());
    }
}

}  // namespace wskrun
