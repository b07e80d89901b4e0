// SPDX-License-Identifier: MIT
// Writes the report of a bug check and stops the machine.
#include "nt/ke/bug_check.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/assert.h"
#include "nt/ke/irql.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

std::string hexadecimal(ULONG_PTR value, int digits) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%0*llX", digits, static_cast<unsigned long long>(value));
    return text;
}

std::string parameters_text(const BugCheckReport& report) {
    const ParameterMeanings* const meanings =
        report.meanings != nullptr ? report.meanings
                                   : bug_check_parameters(report.code, report.parameters[0]);
    std::string text;
    for (std::size_t i = 0; i < report.parameters.size(); ++i) {
        text +=
            "  parameter " + std::to_string(i + 1) + ": " + hexadecimal(report.parameters[i], 16);
        const std::string meaning = meanings != nullptr ? meanings->meaning[i] : "-";
        text += meaning != "-" ? "  " + meaning + '\n' : "\n";
    }
    return text;
}

std::string report_text(const BugCheckReport& report, const Stack& here) {
    std::string text =
        "*** bug check " + hexadecimal(report.code, 8) + ' ' + bug_check_name(report.code) + '\n';
    if (report.rule.has_value()) {
        text += "  rule: " + std::string(rule_name(*report.rule)) + '\n';
    }
    if (!report.sentence.empty()) {
        text += "  " + report.sentence + '\n';
    }
    text += parameters_text(report);
    text += "  IRQL " + std::to_string(current_irql());
    const ps::Thread* const thread = ps::current_thread_or_null();
    text += ", " +
            (thread != nullptr ? thread->description() : "a thread that belongs to no machine") +
            '\n';
    const std::string driver_place = here.driver_place();
    if (!driver_place.empty()) {
        text += "  the driver was at " + driver_place + '\n';
    }
    text += "  stack:\n" + here.to_text();
    if (report.other != nullptr && !report.other->empty()) {
        text += "  " + (report.other_title.empty() ? "other stack" : report.other_title) + ":\n" +
                report.other->to_text();
    }
    return text;
}

// A bug check inside a bug check (in a handler, say) must not go round in circles.
constinit thread_local bool in_bug_check = false;

}  // namespace

bool is_in_bug_check() noexcept {
    return in_bug_check;
}

void end_process_after(const owsk::BugCheck& check) noexcept {
    if (check.signal != 0) {
        std::signal(check.signal, SIG_DFL);
        std::raise(check.signal);
    }
    abort_after_report();
}

void bug_check(const BugCheckReport& report) noexcept {
    if (in_bug_check) {
        std::fprintf(stderr, "*** bug check 0x%08X inside a bug check\n", report.code);
        abort_after_report();
    }
    in_bug_check = true;
    const Stack here = report.here != nullptr ? *report.here : Stack::capture(1);
    const owsk::BugCheck finished{
        .code = report.code,
        .parameters = {report.parameters[0],
                       report.parameters[1],
                       report.parameters[2],
                       report.parameters[3]},
        .name = bug_check_name(report.code),
        .text = report_text(report, here),
        .rule = report.rule,
        .signal = report.signal,
    };
    System* const system = report.machine != nullptr ? report.machine : System::current_or_null();
    if (system != nullptr && system->bug_check_handler) {
        system->bug_check_handler(finished);
        std::fputs("openwsk: the bug check handler returned; it must not\n", stderr);
    }
    std::fputs(finished.text.c_str(), stderr);
    end_process_after(finished);
}

void broken_rule(Rule rule, BugCheckReport report) noexcept {
    report.code = rule_code(rule);
    report.rule = rule;
    if (const std::optional<std::uint32_t> reason = rule_reason(rule)) {
        std::rotate(
            report.parameters.begin(), report.parameters.end() - 1, report.parameters.end());
        report.parameters[0] = *reason;
    }
    const Stack here = report.here != nullptr ? *report.here : Stack::capture(1);
    report.here = &here;
    bug_check(report);
}

void broken_rule(Rule rule,
                 const std::string& sentence,
                 ULONG_PTR object,
                 const Stack* other,
                 const char* other_title) noexcept {
    const Stack here = Stack::capture(1);
    broken_rule(rule,
                {.parameters = {object},
                 .sentence = sentence,
                 .other_title = other_title,
                 .other = other,
                 .here = &here});
}

}  // namespace owsk::nt::ke

using owsk::nt::ke::bug_check;

extern "C" DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG BugCheckCode,
                                                     ULONG_PTR BugCheckParameter1,
                                                     ULONG_PTR BugCheckParameter2,
                                                     ULONG_PTR BugCheckParameter3,
                                                     ULONG_PTR BugCheckParameter4) {
    bug_check({.code = BugCheckCode,
               .parameters =
                   {BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4},
               .sentence = "The driver itself called for it (KeBugCheckEx)."});
}

extern "C" DECLSPEC_NORETURN VOID NTAPI KeBugCheck(ULONG BugCheckCode) {
    KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}
