// SPDX-License-Identifier: MIT
// NameRules: what the name servers of a simulation answer about a name.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace owsk {

enum class NameFailure : std::uint8_t {
    none,
    unknown,    // nobody knows the name
    no_answer,  // no server answers: it may work later
};

struct NameRules {
    // Of the computer that has the name, the best first. None: nobody knows it.
    std::vector<std::string> addresses = {};
    std::string canonical = {};  // empty: the name itself
    // How long the answer takes.
    std::chrono::nanoseconds delay = std::chrono::milliseconds(1);
    NameFailure failure = NameFailure::none;
};

}  // namespace owsk
