// SPDX-License-Identifier: MIT
// run_drivers: from the first DriverEntry to the summary.
#pragma once

#include "options.h"

namespace wskrun {

// Returns the exit status. Precondition: one thread runs.
int run_drivers(const Options& options);

}  // namespace wskrun
