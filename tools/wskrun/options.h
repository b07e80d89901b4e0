// SPDX-License-Identifier: MIT
// Options: the command line of wskrun, checked.
#pragma once

#include <openwsk/machine.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parameter.h"

namespace wskrun {

struct DriverFile {
    std::string name;  // of the driver: the file's name without .sys.so
    std::string path;
};

struct Options {
    bool doctor = false;
    std::vector<DriverFile> drivers;
    std::vector<Parameter> parameters;
    unsigned processors = 1;
    owsk::CompletionMode completion = owsk::CompletionMode::windows;
    std::uint64_t seed = 0;
    owsk::GateMode gate = owsk::GateMode::automatic;
    std::vector<owsk::FaultSetting> faults;
    bool verbose = false;
    bool core = false;
    std::optional<std::chrono::duration<double>> run_for;
};

// What to do, or the exit status if the command line asks for help or is wrong; then everything has
// been said.
struct Parsed {
    std::optional<Options> options;
    int exit_status = 0;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace wskrun
