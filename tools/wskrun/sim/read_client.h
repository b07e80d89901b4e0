// SPDX-License-Identifier: MIT
// The clients of a scenario.
#pragma once

#include "sim/document.h"
#include "sim/names.h"
#include "sim/scenario.h"

namespace wskrun {

// `number` is for a client without a name. Throws ScenarioError.
ClientPlan read_client(const Value& table, const Names& names, std::size_t number);

}  // namespace wskrun
