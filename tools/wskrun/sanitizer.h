// SPDX-License-Identifier: MIT
// Drivers that were built with the address sanitizer.
#pragma once

#include "options.h"

namespace wskrun {

// If a driver needs the run time of the address sanitizer, the program starts again with it, and
// this does not return.
void start_again_for_sanitizer(const Options& options, char** arguments);

}  // namespace wskrun
