// SPDX-License-Identifier: MIT
// The UDP peers of a scenario.
#pragma once

#include "sim/document.h"
#include "sim/names.h"
#include "sim/scenario.h"

namespace wskrun {

// `number` is for a peer without a name. Throws ScenarioError.
DatagramsPlan read_datagrams(const Value& table, const Names& names, std::size_t number);

}  // namespace wskrun
