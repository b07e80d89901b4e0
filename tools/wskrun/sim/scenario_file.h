// SPDX-License-Identifier: MIT
// load_scenario: reads and checks a scenario file; docs/simulation.md has the format.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario.h"

namespace wskrun {

// `drivers` are those of this run. Throws std::invalid_argument with a sentence that names the
// file, the line, what is there and what is allowed.
Scenario load_scenario(const std::string& path, const std::vector<std::string>& drivers);

}  // namespace wskrun
