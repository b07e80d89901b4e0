// SPDX-License-Identifier: MIT
// A driver that says when it starts and when it ends.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    DbgPrint("fine: goodbye\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DbgPrint("fine: started from %wZ\n", RegistryPath);
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
