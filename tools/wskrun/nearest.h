// SPDX-License-Identifier: MIT
// did_you_mean: what somebody who misspelt a name has probably meant.
#pragma once

#include <string>
#include <vector>

namespace wskrun {

// "; did you mean NAME?"; empty if none of the names is like it.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& names);

}  // namespace wskrun
