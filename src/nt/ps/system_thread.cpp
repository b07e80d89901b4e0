// SPDX-License-Identifier: MIT
// System threads: how a driver makes them, and how they end.
#include "nt/ps/system_thread.h"

#include <csetjmp>
#include <string>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/stack.h"
#include "nt/system.h"

namespace owsk::nt::ps {

namespace {

// Where PsTerminateSystemThread leaves the routine to. A driver's C frames cannot be unwound by an
// exception, and the sanitizers understand longjmp. Destructors of C++ frames in between do not
// run; on Windows they do not either.
constinit thread_local std::jmp_buf* exit_point = nullptr;

std::string routine_name(PKSTART_ROUTINE routine) {
    return "The thread routine " + ke::symbol_of(reinterpret_cast<const void*>(routine));
}

void require_clean_end(const Thread& thread, PKSTART_ROUTINE routine) noexcept {
    if (ke::current_irql() != PASSIVE_LEVEL) {
        ke::broken_rule(Rule::irql_changed_by_thread_routine,
                        {.parameters = {reinterpret_cast<ULONG_PTR>(routine), ke::current_irql()},
                         .sentence = routine_name(routine) + " returned at IRQL " +
                                     std::to_string(ke::current_irql()) + '.'});
    }
    if (IsListEmpty(&thread.mutants) && thread.kernel_apc_disable != 0) {
        ke::broken_rule(Rule::thread_ended_in_critical_region,
                        {.parameters = {0,
                                        static_cast<ULONG_PTR>(thread.kernel_apc_disable),
                                        ke::current_irql()},
                         .sentence = routine_name(routine) + " ended inside a critical region."});
    }
}

}  // namespace

void call_thread_routine(Thread& thread, PKSTART_ROUTINE routine, PVOID context) noexcept {
    OWSK_ASSERT(holds_no_lock());
    thread.exit_status = STATUS_SUCCESS;
    std::jmp_buf here;
    exit_point = &here;
    if (setjmp(here) == 0) {
        routine(context);
    }
    exit_point = nullptr;
    require_clean_end(thread, routine);
}

}  // namespace owsk::nt::ps

using namespace owsk::nt;

// PsCreateSystemThread: start a thread at PASSIVE_LEVEL, and give a handle to it.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the handle until ZwClose; the thread runs on without it
// Choice     DesiredAccess and ObjectAttributes change nothing: all handles are the kernel's
extern "C" NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle,
                                               ULONG DesiredAccess,
                                               POBJECT_ATTRIBUTES ObjectAttributes,
                                               HANDLE ProcessHandle,
                                               PCLIENT_ID ClientId,
                                               PKSTART_ROUTINE StartRoutine,
                                               PVOID StartContext) {
    UNREFERENCED_PARAMETER(ObjectAttributes);
    UNREFERENCED_PARAMETER(ProcessHandle);
    ke::require_irql_at_most(PASSIVE_LEVEL, "PsCreateSystemThread");
    System& system = System::current();
    if (system.faults().strikes(owsk::Fault::thread_creation)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    const ps::ThreadRef thread = system.threads.create(StartRoutine);
    // The routine may look for its own handle where the driver keeps it.
    *ThreadHandle = system.handles.insert(thread, DesiredAccess);
    if (ClientId != nullptr) {
        ClientId->UniqueProcess = ps::Process::id();
        ClientId->UniqueThread = thread->id();
    }
    if (!system.threads.start(thread, StartRoutine, StartContext)) {
        system.handles.close(*ThreadHandle);
        *ThreadHandle = nullptr;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return STATUS_SUCCESS;
}

// PsTerminateSystemThread: end the calling thread, which PsCreateSystemThread made. Does not
// return, except with STATUS_INVALID_PARAMETER on any other thread.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "PsTerminateSystemThread");
    if (ps::exit_point == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    ps::current_thread().exit_status = ExitStatus;
    std::longjmp(*ps::exit_point, 1);
}
