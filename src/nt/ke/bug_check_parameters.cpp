// SPDX-License-Identifier: MIT
// What the four parameters of a bug check mean, for the codes that the executive raises itself.
#include <bugcodes.h>

#include "nt/ke/bug_check.h"

namespace owsk::nt::ke {

namespace {

constexpr ParameterMeanings meanings[] = {
    {IRQL_NOT_GREATER_OR_EQUAL, {"-", "current IRQL", "lowest IRQL allowed", "-"}},
    {IRQL_NOT_LESS_OR_EQUAL, {"-", "current IRQL", "highest IRQL allowed", "-"}},
    {MAXIMUM_WAIT_OBJECTS_EXCEEDED, {"objects to wait for", "objects allowed", "-", "-"}},
    {SPIN_LOCK_ALREADY_OWNED, {"spin lock", "thread that owns it", "-", "-"}},
    {SPIN_LOCK_NOT_OWNED, {"spin lock", "thread that owns it, or 0", "calling thread", "-"}},
    {THREAD_NOT_MUTEX_OWNER, {"calling thread", "mutex", "thread that owns it, or 0", "-"}},
    {REFERENCE_BY_POINTER, {"object type", "object", "-", "reference count"}},
    {ATTEMPTED_SWITCH_FROM_DPC, {"thread", "current IRQL", "-", "-"}},
    {THREAD_TERMINATE_HELD_MUTEX, {"thread", "mutex", "-", "-"}},
    {DRIVER_VERIFIER_DETECTED_VIOLATION, {"object", "-", "-", "-"}},
};

}  // namespace

const ParameterMeanings* bug_check_parameters(ULONG code) noexcept {
    for (const ParameterMeanings& entry : meanings) {
        if (entry.code == code) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace owsk::nt::ke
