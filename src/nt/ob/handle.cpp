// SPDX-License-Identifier: MIT
// The functions that take a handle to any kind of object.
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"
#include "nt/system.h"

using namespace owsk::nt;

// ObReferenceObjectByHandle: add a reference to the object that a handle names.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle,
                                                    ACCESS_MASK DesiredAccess,
                                                    POBJECT_TYPE ObjectType,
                                                    KPROCESSOR_MODE AccessMode,
                                                    PVOID* Object,
                                                    POBJECT_HANDLE_INFORMATION HandleInformation) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "ObReferenceObjectByHandle");
    *Object = nullptr;
    auto found = System::current().handles.find(Handle, ObjectType, DesiredAccess, AccessMode);
    if (!found) {
        return found.status();
    }
    if (HandleInformation != nullptr) {
        *HandleInformation = {};
        HandleInformation->GrantedAccess = DesiredAccess;
    }
    *Object = found->release()->body();
    return STATUS_SUCCESS;
}

// ObReferenceObjectByHandleWithTag: the same; the tag is for a debugger.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ObReferenceObjectByHandleWithTag(
    HANDLE Handle,
    ACCESS_MASK DesiredAccess,
    POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode,
    ULONG Tag,
    PVOID* Object,
    POBJECT_HANDLE_INFORMATION HandleInformation) {
    UNREFERENCED_PARAMETER(Tag);
    return ObReferenceObjectByHandle(
        Handle, DesiredAccess, ObjectType, AccessMode, Object, HandleInformation);
}

// ZwClose: give a handle back. The object lives on as long as it is referenced.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ZwClose(HANDLE Handle) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwClose");
    return System::current().handles.close(Handle);
}

// ZwWaitForSingleObject: wait for the object that a handle names.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle,
                                                BOOLEAN Alertable,
                                                PLARGE_INTEGER Timeout) {
    UNREFERENCED_PARAMETER(Alertable);
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwWaitForSingleObject");
    auto object = System::current().handles.find(Handle);
    if (!object) {
        return object.status();
    }
    DISPATCHER_HEADER* const header = (*object)->waitable();
    if (header == nullptr) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    // The reference keeps the object while the thread waits, whoever closes the handle.
    return ke::wait_for_one(*header, Timeout, "ZwWaitForSingleObject");
}
