// SPDX-License-Identifier: MIT
// Runs a program of the system to its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace owsk::net {

struct ProgramEnd {
    bool succeeded;
    std::string complaint;  // what it wrote to stderr, on one line, or how it ended
};

// Where an administrator's program is: in PATH, or where PATH of ordinary users does not lead.
std::optional<std::string> find_program(const std::string& name) noexcept;

// `settings` are added to the environment, each "NAME=value". Waits.
ProgramEnd run_program(const std::string& path,
                       const std::vector<std::string>& arguments,
                       const std::vector<std::string>& settings) noexcept;

}  // namespace owsk::net
