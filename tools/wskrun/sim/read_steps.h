// SPDX-License-Identifier: MIT
// The steps of one end of a TCP connection: "finish" is one, and { expect = "hello" }.
#pragma once

#include <string>
#include <vector>

#include "sim/document.h"
#include "sim/scenario.h"

namespace wskrun {

// `states` are those that it can get into. Throws ScenarioError.
std::vector<Step> read_steps(const Value& list, const std::vector<std::string>& states);

}  // namespace wskrun
