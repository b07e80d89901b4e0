// SPDX-License-Identifier: MIT
// Which links there can be.
#include <openwsk/link_rules.h>

#include <utility>

namespace owsk {

std::string why_impossible(const LinkRules& rules) {
    const std::pair<const char*, double> probabilities[] = {
        {"loss", rules.loss}, {"duplication", rules.duplication}, {"reordering", rules.reordering}};
    for (const auto& [name, value] : probabilities) {
        // A value that is no number fails as well.
        if (!(value >= 0 && value <= 1)) {
            return std::string(name) + " is " + std::to_string(value) +
                   "; it is a probability, from 0 to 1";
        }
    }
    const std::pair<const char*, std::chrono::nanoseconds> times[] = {
        {"latency", rules.latency},
        {"jitter", rules.jitter},
        {"reordering_delay", rules.reordering_delay}};
    for (const auto& [name, value] : times) {
        constexpr std::chrono::hours longest(1);
        if (value.count() < 0 || value > longest) {
            return std::string(name) + " is " + std::to_string(value.count()) +
                   " ns; it is a time from 0 to an hour";
        }
    }
    if (rules.mtu < mtu_min || rules.mtu > mtu_max) {
        return "mtu is " + std::to_string(rules.mtu) + " bytes; it is from " +
               std::to_string(mtu_min) + " to " + std::to_string(mtu_max);
    }
    if (rules.path_mtu != 0 && (rules.path_mtu < path_mtu_min || rules.path_mtu > mtu_max)) {
        return "path_mtu is " + std::to_string(rules.path_mtu) + " bytes; it is from " +
               std::to_string(path_mtu_min) + " to " + std::to_string(mtu_max);
    }
    return "";
}

}  // namespace owsk
