// SPDX-License-Identifier: MIT
// The bytes of a module file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace owsk::loader {

// Nothing, with errno set, if the file cannot be read.
std::optional<std::vector<std::byte>> read_module(const std::string& path);

}  // namespace owsk::loader
