// SPDX-License-Identifier: MIT
// RtlAssert: what ASSERT calls in a checked driver.
#include <wdm.h>

#include <string>

#include "nt/ke/bug_check.h"

namespace owsk::nt::rtl {

// RtlAssert: Windows asks the person at the debugger what to do; nobody is there, so it is the bug
// check of an assertion that nobody handles.
//
// IRQL       any
extern "C" VOID NTAPI RtlAssert(PVOID VoidFailedAssertion,
                                PVOID VoidFileName,
                                ULONG LineNumber,
                                PSTR MutableMessage) {
    const char* const condition = static_cast<const char*>(VoidFailedAssertion);
    const char* const file = static_cast<const char*>(VoidFileName);
    ke::BugCheckReport report;
    report.code = KMODE_EXCEPTION_NOT_HANDLED;
    report.parameters = {static_cast<ULONG_PTR>(STATUS_ASSERTION_FAILURE),
                         reinterpret_cast<ULONG_PTR>(__builtin_return_address(0)),
                         reinterpret_cast<ULONG_PTR>(condition),
                         reinterpret_cast<ULONG_PTR>(file)};
    report.sentence = "The driver's own assertion does not hold: ";
    if (MutableMessage != nullptr) {
        report.sentence += std::string(MutableMessage) + ": ";
    }
    report.sentence += std::string(condition) + ", " + file + ":" + std::to_string(LineNumber);
    ke::bug_check(report);
}

}  // namespace owsk::nt::rtl
