// SPDX-License-Identifier: MIT
// A driver whose own functions have the names of C library functions.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

int send(int number)
{
    return number + 1;
}

int connect(void)
{
    return 40;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return send(connect()) + 1;
}
