// SPDX-License-Identifier: MIT
// The command lines of the simulation's test programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace owsk::scenarios {

struct Arguments {
    std::string name;  // of one scenario or canary; empty: all
    std::uint64_t first_seed = 1;
    std::uint64_t last_seed = 1;
    std::string capture;
    bool trace = false;
    bool digest = false;
    bool list = false;
};

struct ArgumentRules {
    std::string program;
    std::string thing;  // "scenario" or "canary"
    std::vector<std::string> names;
    std::string help;
    std::uint64_t seeds = 1;  // without --seed and --seeds
};

// Nothing: what is wrong has been said, or the help; `status` is then the program's exit status.
std::optional<Arguments> parse_arguments(int count,
                                         const char* const* values,
                                         const ArgumentRules& rules,
                                         int& status);

}  // namespace owsk::scenarios
