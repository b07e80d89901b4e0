// SPDX-License-Identifier: MIT
// What the conditional listeners of a machine hold, as lines of a report.
#pragma once

#include <openwsk/held_attempt.h>

#include <string>
#include <vector>

namespace wskrun {

// Oldest first; how many there are besides, if they are too many to be told. None: no line.
std::vector<std::string> held_lines(const std::vector<owsk::HeldAttempt>& held);

}  // namespace wskrun
