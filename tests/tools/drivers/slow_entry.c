// SPDX-License-Identifier: MIT
// A driver whose DriverEntry takes its time.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    LARGE_INTEGER second;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DbgPrint("slow_entry: thinking\n");
    second.QuadPart = -10000000;
    KeDelayExecutionThread(KernelMode, FALSE, &second);
    return STATUS_SUCCESS;
}
