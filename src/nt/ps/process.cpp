// SPDX-License-Identifier: MIT
// The functions that ask about the calling thread's process.
#include "nt/ps/process.h"

#include "nt/ke/wait.h"
#include "nt/system.h"

namespace owsk::nt::ps {

Process::Process() : Object(ob::process_type) {
    OWSK_ASSERT(body() == &header);
    ke::initialize_header(header, ProcessObject, sizeof header, 0);
}

}  // namespace owsk::nt::ps

using namespace owsk::nt;

// PsGetCurrentProcess: the process object of the calling thread.
//
// IRQL       any
extern "C" PEPROCESS NTAPI PsGetCurrentProcess(VOID) {
    return System::current().process->eprocess();
}

// PsGetCurrentProcessId: the number of the calling thread's process.
//
// IRQL       any
extern "C" HANDLE NTAPI PsGetCurrentProcessId(VOID) {
    return ps::Process::id();
}

// PsGetProcessId: the number of a process; there is only the one.
//
// IRQL       any
extern "C" HANDLE NTAPI PsGetProcessId(PEPROCESS Process) {
    UNREFERENCED_PARAMETER(Process);
    return ps::Process::id();
}

// PsGetThreadProcessId: the number of a thread's process.
//
// IRQL       any
extern "C" HANDLE NTAPI PsGetThreadProcessId(PETHREAD Thread) {
    UNREFERENCED_PARAMETER(Thread);
    return ps::Process::id();
}
