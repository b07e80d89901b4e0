// SPDX-License-Identifier: MIT
// The command line of gcc or clang, as far as one compilation in two steps needs it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rewrite.h"

namespace seh {

struct CommandLine {
    std::vector<std::string> words;          // the compiler, and what both steps want to know
    std::vector<std::string> preprocessing;  // -I and its like
    std::vector<std::string> dependencies;   // -MD and its like
    std::string source;
    std::string output;
    Language language;

    std::vector<std::string> preprocess_to(const std::string& file) const;
    std::vector<std::string> compile_from(const std::string& file) const;
};

// Nothing unless it compiles one C or C++ source to an object file.
std::optional<CommandLine> understand(const std::vector<std::string>& command);

}  // namespace seh
