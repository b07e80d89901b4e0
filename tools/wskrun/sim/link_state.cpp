// SPDX-License-Identifier: MIT
// The rules of a link are those of all, and then each change on it.
#include "sim/link_state.h"

#include <algorithm>

namespace wskrun {

void LinkState::begin(const LinkPlan& plan) {
    for (const Direction& direction : plan.directions) {
        active_[direction].push_back(&plan);
    }
    update(plan);
}

void LinkState::end(const LinkPlan& plan) {
    for (const Direction& direction : plan.directions) {
        std::vector<const LinkPlan*>& plans = active_[direction];
        plans.erase(std::find(plans.begin(), plans.end(), &plan));
    }
    update(plan);
}

void LinkState::update(const LinkPlan& plan) {
    for (const Direction& direction : plan.directions) {
        owsk::LinkRules rules = base_;
        for (const LinkPlan* active : active_[direction]) {
            active->changes.apply(rules);
        }
        simulation_.set_link(direction.first, direction.second, rules);
    }
}

}  // namespace wskrun
