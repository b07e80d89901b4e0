// SPDX-License-Identifier: MIT
// Bug checks: how the executive stops a driver that broke a rule.
#pragma once

#include <openwsk/bug_check.h>
#include <wdm.h>

#include <array>
#include <functional>
#include <string>

#include "nt/ke/stack.h"

namespace owsk::nt::ke {

// Receives the finished report; must not return.
using BugCheckHandler = std::function<void(const owsk::BugCheck&)>;

struct BugCheckReport {
    ULONG code = 0;
    std::array<ULONG_PTR, 4> parameters{};
    // The rule that was broken, in kebab-case, and what happened, in a sentence. Both may be empty.
    std::string rule = {};
    std::string sentence = {};
    // Where the other half of the story took place, for example "first completed here".
    std::string other_title = {};
    const Stack* other = nullptr;
};

// Reports to the machine's handler; without one, prints to standard error and aborts. The caller
// holds no lock, so that the handler may look around.
[[noreturn]] void bug_check(const BugCheckReport& report) noexcept;

// A broken rule for which Windows has no code of its own (DRIVER_VERIFIER_DETECTED_VIOLATION).
[[noreturn]] void broken_rule(const char* rule,
                              const std::string& sentence,
                              ULONG_PTR object = 0,
                              const Stack* other = nullptr,
                              const char* other_title = "") noexcept;

// "IRQL_NOT_LESS_OR_EQUAL", or "unknown".
const char* bug_check_name(ULONG code) noexcept;

// What the parameters of a code mean, for the codes that the executive raises itself; else null.
struct ParameterMeanings {
    ULONG code;
    const char* meaning[4];
};
const ParameterMeanings* bug_check_parameters(ULONG code) noexcept;

}  // namespace owsk::nt::ke
