// SPDX-License-Identifier: MIT
// A driver whose DriverUnload waits for something that never happens.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static KEVENT never;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    DbgPrint("stuck_unload: waiting\n");
    KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, NULL);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
