// SPDX-License-Identifier: MIT
// LinkState: what the links of a scenario are at the moment, as changes begin and end.
#pragma once

#include <map>
#include <vector>

#include "sim/scenario.h"

namespace wskrun {

class LinkState {
  public:
    // All of them are `base` to begin with.
    LinkState(owsk::Simulation& simulation, const owsk::LinkRules& base)
        : simulation_(simulation), base_(base) {}

    // Changes that overlap are applied in the order in which they began.
    void begin(const LinkPlan& plan);
    void end(const LinkPlan& plan);

  private:
    void update(const LinkPlan& plan);

    owsk::Simulation& simulation_;
    const owsk::LinkRules base_;
    std::map<Direction, std::vector<const LinkPlan*>> active_;
};

}  // namespace wskrun
