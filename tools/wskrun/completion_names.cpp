// SPDX-License-Identifier: MIT
// One table.
#include "completion_names.h"

#include <stdexcept>
#include <utility>

namespace wskrun {

namespace {

constexpr std::pair<const char*, owsk::CompletionMode> modes[] = {
    {"windows", owsk::CompletionMode::windows},
    {"inline", owsk::CompletionMode::at_once},
    {"deferred", owsk::CompletionMode::deferred},
    {"mixed", owsk::CompletionMode::mixed},
};

}  // namespace

std::vector<std::string> completion_mode_names() {
    std::vector<std::string> names;
    for (const auto& [name, mode] : modes) {
        names.emplace_back(name);
    }
    return names;
}

owsk::CompletionMode completion_mode_of(const std::string& name) {
    for (const auto& [known, mode] : modes) {
        if (name == known) {
            return mode;
        }
    }
    throw std::logic_error("no completion mode is named " + name);
}

}  // namespace wskrun
