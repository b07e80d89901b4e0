// SPDX-License-Identifier: MIT
// The servers of a scenario.
#pragma once

#include "sim/document.h"
#include "sim/names.h"
#include "sim/scenario.h"

namespace wskrun {

// `number` is for a server without a name. Throws ScenarioError.
ServerPlan read_server(const Value& table, const Names& names, std::size_t number);

}  // namespace wskrun
