// SPDX-License-Identifier: MIT
// Breakpoints: a debugger on the process stops there, without one the process ends with SIGTRAP, as
// a machine without a kernel debugger ends with a bug check.
#include <wdm.h>

namespace owsk::nt::dbg {

extern "C" VOID NTAPI DbgBreakPoint(VOID) {
#if defined(__x86_64__)
    __asm__ volatile("int3");
#else
    __builtin_trap();
#endif
}

extern "C" VOID NTAPI DbgBreakPointWithStatus(ULONG Status) {
    UNREFERENCED_PARAMETER(Status);
    DbgBreakPoint();
}

}  // namespace owsk::nt::dbg
