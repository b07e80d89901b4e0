// SPDX-License-Identifier: MIT
// A driver that forgets to free a pool block.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    return ExAllocatePoolWithTag(NonPagedPoolNx, 1234, 'kaeL') != NULL ? STATUS_SUCCESS
                                                                       : STATUS_INSUFFICIENT_RESOURCES;
}
