// SPDX-License-Identifier: MIT
// Where a library of a module is.
#pragma once

#include <string>

namespace owsk::loader {

// The library in one of `folders` (a:b), which the module names itself; else its name alone, for
// the system to find.
std::string library_path(const std::string& name, const std::string& folders);

}  // namespace owsk::loader
