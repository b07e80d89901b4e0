// SPDX-License-Identifier: MIT
// The command line that repeats a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wskrun {

// The same command with this seed, for a shell.
std::string replay_command(const std::vector<std::string>& command, std::uint64_t seed);

}  // namespace wskrun
