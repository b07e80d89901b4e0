// SPDX-License-Identifier: MIT
// run_simulated: drivers in virtual time against the clients of a scenario.
#pragma once

#include "options.h"

namespace wskrun {

// Returns the exit status. Precondition: one thread runs.
int run_simulated(const Options& options);

}  // namespace wskrun
