// SPDX-License-Identifier: MIT
// The table that the scenarios' files fill before main() begins.
#include "simulation/scenario.h"

#include <algorithm>

namespace owsk::scenarios {

namespace {

std::vector<Scenario>& table() {
    static std::vector<Scenario> scenarios;
    return scenarios;
}

bool by_name(const Scenario& one, const Scenario& other) {
    return std::string_view(one.name) < other.name;
}

}  // namespace

ScenarioEntry::ScenarioEntry(const Scenario& scenario) {
    auto& scenarios = table();
    scenarios.insert(std::upper_bound(scenarios.begin(), scenarios.end(), scenario, by_name),
                     scenario);
}

std::vector<Scenario> all_scenarios() {
    return table();
}

const Scenario* find_scenario(std::string_view name) {
    for (const Scenario& scenario : table()) {
        if (name == scenario.name) {
            return &scenario;
        }
    }
    return nullptr;
}

}  // namespace owsk::scenarios
