// SPDX-License-Identifier: MIT
// The completion modes, and when sends complete, as the command line and scenarios name them.
#pragma once

#include <openwsk/completion_mode.h>
#include <openwsk/send_completion.h>

#include <string>
#include <vector>

namespace wskrun {

std::vector<std::string> completion_mode_names();
// Precondition: it is one of them.
owsk::CompletionMode completion_mode_of(const std::string& name);
// What a mode is called now, if `name` is what it was called before; else `name`. Command lines and
// scenarios may still have the former name.
std::string completion_name_now(const std::string& name);

// The same for --sends.
std::vector<std::string> send_completion_names();
owsk::SendCompletion send_completion_of(const std::string& name);

}  // namespace wskrun
