// SPDX-License-Identifier: MIT
// Reads one step of a script.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "net/script/line_reader.h"
#include "net/script/script.h"

namespace owsk::net::script {

// What the steps before have given names to.
struct ScriptNames {
    std::set<std::string> words;                // of "let"
    std::vector<std::set<std::string>> labels;  // of "as", by talk
    std::vector<bool> has_sent;                 // by talk
};

// Reads all of the line. The talk is what stood before the colon, if anything; it is filled in
// where there is only one. Throws a Complaint.
Step read_step(LineReader& line,
               std::optional<std::size_t> talk,
               const PeerScript& script,
               ScriptNames& names);

// "a, b and c", or "none".
std::string list_text(const std::vector<std::string>& names);

}  // namespace owsk::net::script
