// SPDX-License-Identifier: MIT
// A driver that counts in a global how often it was started.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

int starts;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return ++starts;
}
