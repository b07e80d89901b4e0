// SPDX-License-Identifier: MIT
// IoCreateDevice, IoDeleteDevice, and the symbolic links that name devices for applications.
#include <wdm.h>

#include "nt/io/driver_object.h"
#include "nt/io/wide_string.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

using namespace owsk::nt;

// IoCreateDevice: a device of the driver, with an extension of zeroes.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject,
                                         ULONG DeviceExtensionSize,
                                         PUNICODE_STRING DeviceName,
                                         DEVICE_TYPE DeviceType,
                                         ULONG DeviceCharacteristics,
                                         BOOLEAN Exclusive,
                                         PDEVICE_OBJECT* DeviceObject) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "IoCreateDevice");
    *DeviceObject = nullptr;
    io::DriverObject& driver = io::DriverObject::from(DriverObject, "IoCreateDevice");
    System& system = System::current();
    if (system.faults().strikes(owsk::Fault::device_creation)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    auto device = ob::make_object<io::DeviceObject>(ob::Ref<io::DriverObject>::share(&driver),
                                                    DeviceExtensionSize,
                                                    DeviceType,
                                                    DeviceCharacteristics);
    const PDEVICE_OBJECT object = device->windows();
    if (Exclusive) {
        object->Flags |= DO_EXCLUSIVE;
    }
    if (DeviceName != nullptr) {
        object->Flags |= DO_DEVICE_HAS_NAME;
    }
    const NTSTATUS status = system.drivers.add_device(std::move(device), io::to_u16(DeviceName));
    if (NT_SUCCESS(status)) {
        *DeviceObject = object;
    }
    return status;
}

// IoDeleteDevice: takes a device from the system; its memory lives until the last reference goes.
//
// IRQL       <= APC_LEVEL
// Verifier   device-deleted-twice
extern "C" VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject) {
    ke::require_irql_at_most(APC_LEVEL, "IoDeleteDevice");
    if (!System::current().drivers.remove_device(DeviceObject)) {
        ke::broken_rule(owsk::Rule::device_deleted_twice,
                        "IoDeleteDevice was given a device that has already been deleted, or is "
                        "not a device at all.",
                        reinterpret_cast<ULONG_PTR>(DeviceObject));
    }
}

// IoCreateSymbolicLink: a second name for a device. Its target need not exist.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName,
                                               PUNICODE_STRING DeviceName) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "IoCreateSymbolicLink");
    return System::current().drivers.add_link(io::to_u16(SymbolicLinkName), io::to_u16(DeviceName));
}

// IoDeleteSymbolicLink: STATUS_OBJECT_NAME_NOT_FOUND if there is none of that name.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "IoDeleteSymbolicLink");
    return System::current().drivers.remove_link(io::to_u16(SymbolicLinkName));
}
