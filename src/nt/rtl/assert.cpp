// SPDX-License-Identifier: MIT
// RtlAssert: what ASSERT calls in a checked driver.
#include <wdm.h>

#include <string>
#include <utility>

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
    report.parameters = {reinterpret_cast<ULONG_PTR>(__builtin_return_address(0)),
                         reinterpret_cast<ULONG_PTR>(condition),
                         reinterpret_cast<ULONG_PTR>(file)};
    report.sentence = "The driver's own assertion failed: ";
    if (MutableMessage != nullptr) {
        report.sentence += std::string(MutableMessage) + ": ";
    }
    report.sentence += std::string(condition) + ", " + file + ":" + std::to_string(LineNumber);
    ke::broken_rule(Rule::driver_assertion_failed, std::move(report));
}

}  // namespace owsk::nt::rtl
