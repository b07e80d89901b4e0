// SPDX-License-Identifier: MIT
// Words of a shell.
#include "sim/replay.h"

namespace wskrun {

namespace {

std::string quoted(const std::string& word) {
    constexpr const char* plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
        return word;
    }
    std::string text = "'";
    for (const char character : word) {
        text += character == '\'' ? std::string("'\\''") : std::string(1, character);
    }
    return text + '\'';
}

}  // namespace

std::string replay_command(const std::vector<std::string>& command, std::uint64_t seed) {
    std::string text = quoted(command.front()) + " --seed " + std::to_string(seed);
    for (std::size_t i = 1; i < command.size(); ++i) {
        if (command[i] == "--seed") {
            ++i;  // and its value
        } else if (!command[i].starts_with("--seed=")) {
            text += ' ' + quoted(command[i]);
        }
    }
    return text;
}

}  // namespace wskrun
