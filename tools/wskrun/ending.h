// SPDX-License-Identifier: MIT
// Ends in the middle of a run, when other threads may be in the middle of anything: nothing is
// destroyed.
#pragma once

#include <openwsk/bug_check.h>

#include "module_folder.h"

namespace wskrun {

[[noreturn]] void end_now(int status);
// By the signal of a crash, or by an abort, so that a core file is written. The copies of the
// modules stay: a debugger needs them to make sense of it.
[[noreturn]] void end_with_core(const owsk::BugCheck& check, const ModuleFolder& modules);

}  // namespace wskrun
