// SPDX-License-Identifier: MIT
// Patterns: texts in which * stands for any characters.
#pragma once

#include <string_view>

namespace wskrun {

// A \r at the end of the text does not matter.
bool matches(std::string_view text, std::string_view pattern) noexcept;

}  // namespace wskrun
