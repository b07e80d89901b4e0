// SPDX-License-Identifier: MIT
// A driver that needs functions which no Windows has.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

NTSTATUS KeMissingOne(void);
NTSTATUS KeMissingTwo(void);

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return NT_SUCCESS(KeMissingTwo()) ? KeMissingOne() : STATUS_SUCCESS;
}
