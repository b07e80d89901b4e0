// SPDX-License-Identifier: MIT
// The completion modes as the command line and scenarios name them.
#pragma once

#include <openwsk/completion_mode.h>

#include <string>
#include <vector>

namespace wskrun {

std::vector<std::string> completion_mode_names();
// Precondition: it is one of them.
owsk::CompletionMode completion_mode_of(const std::string& name);

}  // namespace wskrun
