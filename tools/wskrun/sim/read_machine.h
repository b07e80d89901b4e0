// SPDX-License-Identifier: MIT
// The machines of a scenario: [[machine]].
#pragma once

#include <string>
#include <vector>

#include "sim/document.h"
#include "sim/scenario.h"

namespace wskrun {

// `keys`: those that the table may have beside name and addresses. Throws ScenarioError.
ComputerPlan read_computer(const Value& table,
                           const std::string& what,
                           std::vector<std::string> keys);
// `drivers` are those of this run.
MachinePlan read_machine(const Value& table, const std::vector<std::string>& drivers);

}  // namespace wskrun
