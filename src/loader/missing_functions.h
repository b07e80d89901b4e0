// SPDX-License-Identifier: MIT
// missing_functions: what a module needs and nobody here has.
#pragma once

#include <string>
#include <vector>

#include "loader/elf_symbols.h"

namespace owsk::loader {

// Names that neither this program nor the module's own libraries define.
std::vector<std::string> missing_functions(const ElfSymbols& symbols);
// One sentence that lists them all, and what to do.
std::string describe_missing(const std::vector<std::string>& names);

}  // namespace owsk::loader
