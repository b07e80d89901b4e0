// SPDX-License-Identifier: MIT
// Two tables.
#include "completion_names.h"

#include <stdexcept>
#include <utility>

namespace wskrun {

namespace {

constexpr std::pair<const char*, owsk::CompletionMode> modes[] = {
    {"windows", owsk::CompletionMode::windows},
    {"immediate", owsk::CompletionMode::immediate},
    {"deferred", owsk::CompletionMode::deferred},
    {"mixed", owsk::CompletionMode::mixed},
    {"hostile", owsk::CompletionMode::hostile},
};

constexpr std::pair<const char*, owsk::SendCompletion> sends[] = {
    {"buffered", owsk::SendCompletion::buffered},
    {"acknowledged", owsk::SendCompletion::acknowledged},
};

template <typename Table>
std::vector<std::string> names_of(const Table& table) {
    std::vector<std::string> names;
    for (const auto& entry : table) {
        names.emplace_back(entry.first);
    }
    return names;
}

template <typename Table>
auto value_of(const Table& table, const std::string& name) {
    for (const auto& entry : table) {
        if (name == entry.first) {
            return entry.second;
        }
    }
    throw std::logic_error("nothing is named " + name);
}

}  // namespace

std::vector<std::string> completion_mode_names() {
    return names_of(modes);
}

owsk::CompletionMode completion_mode_of(const std::string& name) {
    return value_of(modes, name);
}

std::string completion_name_now(const std::string& name) {
    return name == "inline" ? "immediate" : name;
}

std::vector<std::string> send_completion_names() {
    return names_of(sends);
}

owsk::SendCompletion send_completion_of(const std::string& name) {
    return value_of(sends, name);
}

}  // namespace wskrun
