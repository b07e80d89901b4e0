// SPDX-License-Identifier: MIT
// BugCheck: what a machine reports when the driver broke a rule that the kernel does not survive,
// or crashed.
#pragma once

#include <ntdef.h>
#include <openwsk/rules.h>

#include <optional>
#include <string>

namespace owsk {

// `text` is the whole report as it would be printed.
struct BugCheck {
    ULONG code;
    ULONG_PTR parameters[4];
    std::string name;
    std::string text;
    // The rule that was broken; empty for a crash, and for a bug check that the driver itself asked
    // for.
    std::optional<Rule> rule = {};
    // For a crash: the signal by which Linux reported it (SIGSEGV, SIGFPE, SIGABRT ...); otherwise
    // 0.
    int signal = 0;
};

}  // namespace owsk
