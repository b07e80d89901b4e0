// SPDX-License-Identifier: MIT
// The functions by which a driver waits.

#include <array>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

using namespace owsk::nt;
using namespace owsk::nt::ke;

namespace {

DISPATCHER_HEADER* header_of(PVOID object) noexcept {
    return static_cast<DISPATCHER_HEADER*>(object);
}

void require_count(ULONG count, ULONG max, const char* sentence) noexcept {
    if (count == 0 || count > max) {
        broken_rule(owsk::Rule::waited_for_none_or_too_many,
                    {.parameters = {count, max}, .sentence = sentence});
    }
}

}  // namespace

// KeWaitForSingleObject: wait until the object is signalled, or the time is over.
//
// IRQL       <= APC_LEVEL; <= DISPATCH_LEVEL with a zero timeout
// Keeps      Object until it returns
// Verifier   waited-at-dispatch-level, waited-in-callback, dispatcher-object-not-initialized
extern "C" NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object,
                                                KWAIT_REASON WaitReason,
                                                KPROCESSOR_MODE WaitMode,
                                                BOOLEAN Alertable,
                                                PLARGE_INTEGER Timeout) {
    UNREFERENCED_PARAMETER(WaitReason);
    UNREFERENCED_PARAMETER(WaitMode);
    UNREFERENCED_PARAMETER(Alertable);
    require_may_wait(Timeout, "KeWaitForSingleObject");
    return wait_for_one(*header_of(Object), Timeout, "KeWaitForSingleObject");
}

// KeWaitForMultipleObjects: wait until one object is signalled, or all at once, or the time is
// over.
//
// IRQL       <= APC_LEVEL; <= DISPATCH_LEVEL with a zero timeout
// Keeps      the objects and WaitBlockArray until it returns
// Verifier   waited-at-dispatch-level, waited-in-callback, dispatcher-object-not-initialized
extern "C" NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count,
                                                   PVOID Object[],
                                                   WAIT_TYPE WaitType,
                                                   KWAIT_REASON WaitReason,
                                                   KPROCESSOR_MODE WaitMode,
                                                   BOOLEAN Alertable,
                                                   PLARGE_INTEGER Timeout,
                                                   PKWAIT_BLOCK WaitBlockArray) {
    UNREFERENCED_PARAMETER(WaitReason);
    UNREFERENCED_PARAMETER(WaitMode);
    UNREFERENCED_PARAMETER(Alertable);
    require_may_wait(Timeout, "KeWaitForMultipleObjects");
    if (WaitBlockArray == nullptr) {
        require_count(Count,
                      THREAD_WAIT_OBJECTS,
                      "KeWaitForMultipleObjects was given no WaitBlockArray, or no object at all.");
    }
    require_count(
        Count, MAXIMUM_WAIT_OBJECTS, "KeWaitForMultipleObjects waits for 1 to 64 objects.");
    std::array<DISPATCHER_HEADER*, MAXIMUM_WAIT_OBJECTS> objects;
    for (ULONG i = 0; i < Count; ++i) {
        objects[i] = header_of(Object[i]);
    }
    std::array<KWAIT_BLOCK, THREAD_WAIT_OBJECTS> own_blocks;
    KWAIT_BLOCK* const blocks = WaitBlockArray != nullptr ? WaitBlockArray : own_blocks.data();
    return wait_for(
        {objects.data(), Count}, WaitType, {blocks, Count}, Timeout, "KeWaitForMultipleObjects");
}

// KeDelayExecutionThread: wait for the time alone.
//
// IRQL       <= APC_LEVEL
// Verifier   waited-at-dispatch-level, waited-in-callback
extern "C" NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode,
                                                 BOOLEAN Alertable,
                                                 PLARGE_INTEGER Interval) {
    UNREFERENCED_PARAMETER(WaitMode);
    UNREFERENCED_PARAMETER(Alertable);
    require_may_wait(nullptr, "KeDelayExecutionThread");
    if (Interval->QuadPart == 0) {
        System::current().host().yield();
        return STATUS_SUCCESS;
    }
    // Nothing but the clock can end this wait.
    KEVENT never;
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    wait_for_one(never.Header, Interval, "KeDelayExecutionThread");
    return STATUS_SUCCESS;
}
