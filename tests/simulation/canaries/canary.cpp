// SPDX-License-Identifier: MIT
// The table of canaries, filled before main() begins.
#include "simulation/canaries/canary.h"

#include <algorithm>
#include <string_view>

namespace owsk::scenarios {

namespace {

std::vector<Canary>& table() {
    static std::vector<Canary> canaries;
    return canaries;
}

bool by_name(const Canary& one, const Canary& other) {
    return std::string_view(one.name) < other.name;
}

}  // namespace

std::string by_rule(Rule rule) {
    return "rule " + std::string(rule_name(rule)) + ": ";
}

CanaryEntry::CanaryEntry(const Canary& canary) {
    auto& canaries = table();
    canaries.insert(std::upper_bound(canaries.begin(), canaries.end(), canary, by_name), canary);
}

std::vector<Canary> all_canaries() {
    return table();
}

}  // namespace owsk::scenarios
