// SPDX-License-Identifier: MIT
// The links of a scenario: [links], [[link]] and [[change]].
#pragma once

#include "sim/document.h"
#include "sim/names.h"
#include "sim/scenario.h"

namespace wskrun {

// Throw ScenarioError.
void read_all_links(const Value& table, owsk::LinkRules& rules);
// `base`: what the links are without it. In [[change]] there is a time, and partitions.
LinkPlan read_link(const Value& table, const Names& names, const owsk::LinkRules& base);
LinkPlan read_change(const Value& table, const Names& names, const owsk::LinkRules& base);

}  // namespace wskrun
