// SPDX-License-Identifier: MIT
// What the four parameters of a bug check mean, for the codes that the executive raises itself.
#include <bugcodes.h>
#include <ntstatus.h>

#include "nt/ke/bug_check.h"

namespace owsk::nt::ke {

namespace {

// Those of one reason come before those of their code.
constexpr ParameterMeanings meanings[] = {
    {IRQL_NOT_GREATER_OR_EQUAL, {"-", "current IRQL", "lowest IRQL allowed", "-"}},
    {IRQL_NOT_LESS_OR_EQUAL, {"-", "current IRQL", "highest IRQL allowed", "-"}},
    {MAXIMUM_WAIT_OBJECTS_EXCEEDED, {"objects to wait for", "objects allowed", "-", "-"}},
    {PAGE_FAULT_IN_NONPAGED_AREA, {"address", "-", "-", "-"}},
    {SPIN_LOCK_ALREADY_OWNED, {"spin lock", "thread that owns it", "-", "-"}},
    {SPIN_LOCK_NOT_OWNED, {"spin lock", "thread that owns it, or 0", "calling thread", "-"}},
    {THREAD_NOT_MUTEX_OWNER, {"calling thread", "mutex", "thread that owns it, or 0", "-"}},
    {REFERENCE_BY_POINTER, {"object type", "object", "-", "reference count"}},
    {ATTEMPTED_SWITCH_FROM_DPC, {"thread", "current IRQL", "-", "-"}},
    {THREAD_TERMINATE_HELD_MUTEX, {"thread", "mutex", "-", "-"}},
    {MULTIPLE_IRP_COMPLETE_REQUESTS, {"IRP", "-", "-", "-"}},
    {CANCEL_STATE_IN_COMPLETED_IRP, {"IRP", "cancel routine", "-", "-"}},
    {NO_MORE_IRP_STACK_LOCATIONS, {"IRP", "-", "-", "-"}},
    {TARGET_MDL_TOO_SMALL, {"target MDL", "-", "-", "-"}},
    {BAD_POOL_CALLER, {"reason", "block", "-", "-"}},
    {BAD_POOL_HEADER, {"reason", "block", "-", "-"}},
    {WORKER_INVALID, {"reason", "work item", "-", "-"}},
    {WORKER_THREAD_RETURNED_AT_BAD_IRQL, {"routine", "IRQL on return", "context", "work item"}},
    {DRIVER_CAUGHT_MODIFYING_FREED_POOL, {"address", "1: written", "-", "-"}},
    {KERNEL_APC_PENDING_DURING_EXIT, {"-", "APC disable count", "current IRQL", "-"}},
    {KMODE_EXCEPTION_NOT_HANDLED,
     {"exception: an assertion", "address", "text of the assertion", "name of the file"},
     static_cast<ULONG>(STATUS_ASSERTION_FAILURE)},
    {IRQL_UNEXPECTED_VALUE, {"current IRQL", "IRQL before the call", "-", "-"}},
    {IRQL_GT_ZERO_AT_SYSTEM_SERVICE, {"routine", "current IRQL", "-", "-"}},
    {DPC_WATCHDOG_VIOLATION, {"1: too long at DISPATCH_LEVEL", "spin lock", "thread", "-"}},
    {DRIVER_VERIFIER_IOMANAGER_VIOLATION, {"reason", "status", "IRP", "-"}, 0x6},
    {DRIVER_VERIFIER_IOMANAGER_VIOLATION, {"reason", "IRP", "-", "-"}},
    {DRIVER_VERIFIER_DETECTED_VIOLATION,
     {"reason", "current IRQL", "IRQL asked for", "1: in a DPC"},
     0x31},
    {DRIVER_VERIFIER_DETECTED_VIOLATION, {"reason", "MDL", "its flags", "-"}, 0x7C},
    {DRIVER_VERIFIER_DETECTED_VIOLATION, {"reason", "MDL", "its flags", "flags not allowed"}, 0xB0},
    {DRIVER_VERIFIER_DETECTED_VIOLATION, {"reason", "MDL", "its flags", "flag missing"}, 0xB3},
    {DRIVER_VERIFIER_DETECTED_VIOLATION,
     {"reason", "completion routine", "IRQL before it", "IRQL after it"},
     0xFA},
    {DRIVER_VERIFIER_DETECTED_VIOLATION,
     {"reason", "mutex", "thread that owns it, or 0", "calling thread"},
     0x1004},
    {DRIVER_VERIFIER_DETECTED_VIOLATION,
     {"reason: not one of Windows", "object", "-", "-"},
     reason_of_ours},
    {DRIVER_VERIFIER_DETECTED_VIOLATION, {"reason", "object", "-", "-"}},
};

}  // namespace

const ParameterMeanings* bug_check_parameters(ULONG code, ULONG_PTR reason) noexcept {
    for (const ParameterMeanings& entry : meanings) {
        if (entry.code == code && entry.reason.value_or(reason) == reason) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace owsk::nt::ke
