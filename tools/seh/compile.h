// SPDX-License-Identifier: MIT
// A call of the compiler, done in two steps where a source has guarded blocks: preprocess, rewrite
// and compile.
#pragma once

#include <string>
#include <vector>

namespace seh {

// Returns the exit status, or does not return: then the compiler has taken the place of this
// program.
int compile(const std::vector<std::string>& command);

}  // namespace seh
