// SPDX-License-Identifier: MIT
// Codes, parameters and a sentence that says who did what, the driver or openwsk on its behalf.
#include "nt/ke/crash.h"

#include <bugcodes.h>

#include <cstdio>

#include "nt/ke/irql.h"

namespace owsk::nt::ke {

namespace {

constexpr ULONG_PTR double_fault = 8;
constexpr ULONG_PTR fail_fast_fatal_app_exit = 7;

constexpr ParameterMeanings access_meanings = {
    0, {"address", "0 read, 1 write, 0x10 execute", "instruction", "-"}};
constexpr ParameterMeanings dispatch_meanings = {
    0, {"address", "current IRQL", "0 read, 1 write, 0x10 execute", "instruction"}};
constexpr ParameterMeanings exception_meanings = {0, {"exception", "instruction", "-", "address"}};
constexpr ParameterMeanings trap_meanings = {0, {"8: double fault", "-", "-", "instruction"}};
constexpr ParameterMeanings abort_meanings = {0, {"7: abort", "-", "-", "-"}};

ULONG_PTR exception_code(NTSTATUS status) noexcept {
    return static_cast<ULONG>(status);
}

std::string address_text(std::uintptr_t value) {
    char text[2 + 16 + 1];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

// "wrote to address 0x10, which it may not write".
std::string access_text(const Crash& crash) {
    if (crash.kind == Crash::Kind::odd_access) {
        return "followed a pointer that cannot be an address";
    }
    const std::string address = "address " + address_text(crash.address);
    if (crash.in_mapped_file) {
        return "touched " + address + ", in a mapped file that is shorter than that";
    }
    switch (crash.access) {
        case Crash::Access::read:
            return "read from " + address + ", which it may not read";
        case Crash::Access::write:
            return "wrote to " + address + ", which it may not write";
        case Crash::Access::execute:
            return "called " + address + ", where there is no code";
    }
    return address;
}

// What was done, as the end of a sentence.
std::string deed(const Crash& crash) {
    switch (crash.kind) {
        case Crash::Kind::access:
        case Crash::Kind::odd_access:
            return access_text(crash);
        case Crash::Kind::stack_overflow:
            return "used up the stack of its thread";
        case Crash::Kind::division:
            return "divided by zero, or the quotient overflowed";
        case Crash::Kind::instruction:
            return "executed an instruction that this processor does not have";
        case Crash::Kind::breakpoint:
            return "hit a breakpoint, and no debugger is attached";
        case Crash::Kind::abort:
            return "aborted the process because of an error found inside it, such as overwritten "
                   "memory; the lines before this report may say more";
        case Crash::Kind::no_memory:
            return "could not get memory that it cannot do without: the system, or a limit on "
                   "this process (ulimit -v), allows no more";
    }
    return "";
}

bool follows_a_pointer(const Crash& crash) noexcept {
    return crash.kind == Crash::Kind::access || crash.kind == Crash::Kind::odd_access;
}

std::string sentence_for(const Crash& crash, const Stack& stack) {
    const std::string place = stack.driver_place();
    if (stack.innermost_side() == Side::driver) {
        return "The driver " + deed(crash) + ", at " + place + '.';
    }
    std::string text = "openwsk, and not the driver itself, " + deed(crash) + '.';
    if (!place.empty()) {
        const std::string function = stack.called_by_driver();
        text += (follows_a_pointer(crash) ? " The driver seems to have given it a bad pointer: it "
                                          : " The driver ") +
                (function.empty() ? std::string("called it") : "called " + function) + " at " +
                place + '.';
    } else if (follows_a_pointer(crash)) {
        text +=
            " No driver code is on the stack; a driver may have passed the pointer earlier, as "
            "part of a callback table, a buffer or a socket.";
    }
    return text;
}

void set_access(const Crash& crash, BugCheckReport& report) {
    const auto how = static_cast<ULONG_PTR>(crash.access);
    if (current_irql() >= DISPATCH_LEVEL) {
        const ULONG_PTR address =
            crash.kind == Crash::Kind::odd_access ? ~ULONG_PTR{0} : crash.address;
        report.code = DRIVER_IRQL_NOT_LESS_OR_EQUAL;
        report.parameters = {address, current_irql(), how, crash.instruction};
        report.meanings = &dispatch_meanings;
    } else if (crash.kind == Crash::Kind::odd_access) {
        report.code = KMODE_EXCEPTION_NOT_HANDLED;
        report.parameters = {
            exception_code(STATUS_ACCESS_VIOLATION), crash.instruction, 0, ~ULONG_PTR{0}};
        report.meanings = &exception_meanings;
    } else {
        report.code = PAGE_FAULT_IN_NONPAGED_AREA;
        report.parameters = {crash.address, how, crash.instruction, 0};
        report.meanings = &access_meanings;
    }
}

void set_exception(const Crash& crash, NTSTATUS status, BugCheckReport& report) {
    report.code = KMODE_EXCEPTION_NOT_HANDLED;
    report.parameters = {exception_code(status), crash.instruction, 0, 0};
    report.meanings = &exception_meanings;
}

void set_code(const Crash& crash, BugCheckReport& report) {
    switch (crash.kind) {
        case Crash::Kind::access:
        case Crash::Kind::odd_access:
            set_access(crash, report);
            return;
        case Crash::Kind::stack_overflow:
            report.code = UNEXPECTED_KERNEL_MODE_TRAP;
            report.parameters = {double_fault, 0, 0, crash.instruction};
            report.meanings = &trap_meanings;
            return;
        case Crash::Kind::division:
            set_exception(crash, STATUS_INTEGER_DIVIDE_BY_ZERO, report);
            return;
        case Crash::Kind::instruction:
            set_exception(crash, STATUS_ILLEGAL_INSTRUCTION, report);
            return;
        case Crash::Kind::breakpoint:
            set_exception(crash, STATUS_BREAKPOINT, report);
            return;
        case Crash::Kind::abort:
            report.code = KERNEL_SECURITY_CHECK_FAILURE;
            report.parameters = {fail_fast_fatal_app_exit, 0, 0, 0};
            report.meanings = &abort_meanings;
            return;
        case Crash::Kind::no_memory:
            report.code = NO_PAGES_AVAILABLE;
            return;
    }
}

}  // namespace

BugCheckReport bug_check_of(const Crash& crash, const Stack& stack) {
    BugCheckReport report;
    set_code(crash, report);
    report.sentence = sentence_for(crash, stack);
    report.signal = crash.signal;
    report.here = &stack;
    return report;
}

}  // namespace owsk::nt::ke
