// SPDX-License-Identifier: MIT
// What a program must be started with so that it can load a module with the address sanitizer.
#pragma once

#include <string>

namespace owsk {

// The library to name in LD_PRELOAD before a program that was built without the address sanitizer
// loads the driver module at `path`, which was built with it. Empty if the module needs none, or
// if the program has it already.
std::string sanitizer_to_preload(const std::string& path);

}  // namespace owsk
