// SPDX-License-Identifier: MIT
// Parameter: a registry value that the command line gives a driver.
#pragma once

#include <openwsk/machine.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace wskrun {

struct Parameter {
    std::string driver;
    std::string name;
    std::variant<std::uint32_t, std::string, std::vector<std::string>> value;
};

enum class ParameterKind { number_or_text, text, list };

// Parses "DRIVER.NAME=VALUE". The driver is one of `drivers`, so that both names may have dots.
// Throws std::invalid_argument with a sentence that says what is wrong and what is right.
Parameter parse_parameter(const std::string& argument,
                          ParameterKind kind,
                          const std::vector<std::string>& drivers);

void apply(const Parameter& parameter, owsk::Machine& machine);

// Names the values that no driver of the machine has asked for, on standard error. When the drivers
// are gone.
void say_what_was_not_read(const owsk::Machine& machine);

}  // namespace wskrun
