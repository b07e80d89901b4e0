// SPDX-License-Identifier: MIT
// What name servers answer in a scenario: [[name]].
#pragma once

#include "sim/document.h"
#include "sim/scenario.h"

namespace wskrun {

// Throws ScenarioError.
NamePlan read_name(const Value& table);

}  // namespace wskrun
