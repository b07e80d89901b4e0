// SPDX-License-Identifier: MIT
// The functions that count references to objects.
#include "nt/ob/object.h"
#include "nt/system.h"

namespace owsk::nt::ob {

namespace {

Object& object_of(PVOID body, const char* function) noexcept {
    return Object::from_body(body, function);
}

LONG_PTR add_reference(PVOID body, const char* function) noexcept {
    Object& object = object_of(body, function);
    object.reference();
    return static_cast<LONG_PTR>(object.references());
}

// The count that is left, as far as it can be told: the object may be gone.
LONG_PTR drop_reference(PVOID body, const char* function) noexcept {
    Object& object = object_of(body, function);
    const auto left = static_cast<LONG_PTR>(object.references() - 1);
    object.dereference();
    return left;
}

}  // namespace

}  // namespace owsk::nt::ob

using namespace owsk::nt;

// ObfReferenceObject: add a reference, and return how many there are.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   object-not-recognized
extern "C" LONG_PTR FASTCALL ObfReferenceObject(PVOID Object) {
    return ob::add_reference(Object, "ObReferenceObject");
}

// ObfReferenceObjectWithTag: the same; the tag is for a debugger.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   object-not-recognized
extern "C" LONG_PTR FASTCALL ObfReferenceObjectWithTag(PVOID Object, ULONG Tag) {
    UNREFERENCED_PARAMETER(Tag);
    return ob::add_reference(Object, "ObReferenceObjectWithTag");
}

// ObfDereferenceObject: drop a reference, and return how many are left. The last one ends the
// object.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   object-not-recognized
extern "C" LONG_PTR FASTCALL ObfDereferenceObject(PVOID Object) {
    return ob::drop_reference(Object, "ObDereferenceObject");
}

// ObfDereferenceObjectWithTag: the same; the tag is for a debugger.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   object-not-recognized
extern "C" LONG_PTR FASTCALL ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag) {
    UNREFERENCED_PARAMETER(Tag);
    return ob::drop_reference(Object, "ObDereferenceObjectWithTag");
}

// ObReferenceObjectByPointer: add a reference if the object is of the type.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   object-not-recognized
extern "C" NTSTATUS NTAPI ObReferenceObjectByPointer(PVOID Object,
                                                     ACCESS_MASK DesiredAccess,
                                                     POBJECT_TYPE ObjectType,
                                                     KPROCESSOR_MODE AccessMode) {
    UNREFERENCED_PARAMETER(DesiredAccess);
    UNREFERENCED_PARAMETER(AccessMode);
    owsk::nt::ob::Object& object = ob::object_of(Object, "ObReferenceObjectByPointer");
    if (ObjectType != nullptr && ObjectType != &object.type()) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    object.reference();
    return STATUS_SUCCESS;
}
