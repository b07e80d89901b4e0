// SPDX-License-Identifier: MIT
// One line for each attempt.
#include "held.h"

#include <algorithm>
#include <cstdio>

namespace wskrun {

namespace {

// A report that names thousands of attempts helps nobody.
constexpr std::size_t told_max = 64;

std::string line_of(const owsk::HeldAttempt& attempt) {
    char age[32];
    std::snprintf(age, sizeof age, "%.1f s", std::chrono::duration<double>(attempt.age).count());
    return "held: " + to_string(attempt.client) + " at " + to_string(attempt.listener) + ": " +
           attempt.state + ", came " + age + " ago";
}

}  // namespace

std::vector<std::string> held_lines(const std::vector<owsk::HeldAttempt>& held) {
    std::vector<std::string> lines;
    const std::size_t told = std::min(held.size(), told_max);
    for (std::size_t i = 0; i < told; ++i) {
        lines.push_back(line_of(held[i]));
    }
    if (told < held.size()) {
        lines.push_back("held: and " + std::to_string(held.size() - told) + " more");
    }
    return lines;
}

}  // namespace wskrun
