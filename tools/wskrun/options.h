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

enum class NetworkKind : std::uint8_t { linux, sim };

struct Options {
    bool doctor = false;
    NetworkKind network = NetworkKind::linux;
    std::string scenario;              // of NetworkKind::sim; empty: the default one
    std::vector<std::string> command;  // as it was given, from the program's name on
    std::vector<DriverFile> drivers;
    std::vector<Parameter> parameters;
    // Nothing: not given.
    std::optional<unsigned> processors;
    std::optional<owsk::CompletionMode> completion;
    std::optional<owsk::SendCompletion> sends;
    std::optional<std::uint64_t> seed;
    owsk::GateMode gate = owsk::GateMode::automatic;
    owsk::GateLimits limits;
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
    int output_error = 0;  // the errno of what could not be written to standard output
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace wskrun
