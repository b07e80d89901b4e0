// SPDX-License-Identifier: MIT
// A driver that needs functions which nobody has, and one that it can do without.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

int LoaderTestMissingOne(void);
int LoaderTestMissingTwo(void);
__attribute__((weak)) int LoaderTestOptional(void);

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (LoaderTestOptional != NULL) {
        return LoaderTestOptional();
    }
    return LoaderTestMissingTwo() + LoaderTestMissingOne();
}
