// SPDX-License-Identifier: MIT
// BugCheck: what a machine says when the driver broke a rule that the kernel does not survive.
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
};

}  // namespace owsk
