// SPDX-License-Identifier: MIT
// doctor: what this machine can do for wskrun.
#pragma once

namespace wskrun {

// A line per capability, each with how to get the rest. Returns the exit status.
int examine_machine();

}  // namespace wskrun
