// SPDX-License-Identifier: MIT
// Bug checks: how the executive stops a driver that broke a rule.
#pragma once

#include <openwsk/bug_check.h>
#include <openwsk/rules.h>
#include <wdm.h>

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "nt/ke/stack.h"

namespace owsk::nt {
class System;
}

namespace owsk::nt::ke {

// Receives the finished report; must not return.
using BugCheckHandler = std::function<void(const owsk::BugCheck&)>;

// What the parameters of a code mean; with `reason`, only where that is the first one.
struct ParameterMeanings {
    ULONG code;
    const char* meaning[4];
    std::optional<ULONG_PTR> reason = {};
};

struct BugCheckReport {
    ULONG code = 0;
    std::array<ULONG_PTR, 4> parameters{};
    // The rule that was broken, if it is one, and what happened, in a sentence.
    std::optional<Rule> rule = {};
    std::string sentence = {};
    // Where the other half of the story took place, for example "first completed here".
    std::string other_title = {};
    const Stack* other = nullptr;
    // What the parameters mean here, if the code alone does not tell.
    const ParameterMeanings* meanings = nullptr;
    // Of a crash: the signal that told of it, and where it was.
    int signal = 0;
    const Stack* here = nullptr;
    // Whose handler hears of it; null: that of the calling thread's machine.
    System* machine = nullptr;
};

// Reports to the machine's handler; without one, prints to standard error and aborts. The caller
// holds no lock, so that the handler may look around.
[[noreturn]] void bug_check(const BugCheckReport& report) noexcept;

// How a process without a handler ends after the report: by the signal of a crash, or by an abort.
[[noreturn]] void end_process_after(const owsk::BugCheck& check) noexcept;

// Whether the calling thread is reporting a bug check.
bool is_in_bug_check() noexcept;

// The bug check of a broken rule. The code is that of rules.def, which may have the first parameter
// as well: then those of the report follow it.
[[noreturn]] void broken_rule(Rule rule, BugCheckReport report) noexcept;
// The same where one object is all there is to tell.
[[noreturn]] void broken_rule(Rule rule,
                              const std::string& sentence,
                              ULONG_PTR object = 0,
                              const Stack* other = nullptr,
                              const char* other_title = "") noexcept;

// "IRQL_NOT_LESS_OR_EQUAL", or "unknown".
const char* bug_check_name(ULONG code) noexcept;

// For the codes that the executive raises itself; else null.
const ParameterMeanings* bug_check_parameters(ULONG code, ULONG_PTR reason) noexcept;

}  // namespace owsk::nt::ke
