// SPDX-License-Identifier: MIT
// BugCheck: what a machine says when the driver broke a rule that the kernel does not survive, or
// crashed.
#pragma once

#include <ntdef.h>

#include <string>

namespace owsk {

// `text` is the whole report as it would be printed.
struct BugCheck {
    ULONG code;
    ULONG_PTR parameters[4];
    std::string name;
    std::string text;
    // Of a crash: the signal by which Linux has told of it (SIGSEGV, SIGFPE, SIGABRT ...); else 0.
    int signal = 0;
};

}  // namespace owsk
