// SPDX-License-Identifier: MIT
// A driver that leaves a system thread behind.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KSTART_ROUTINE Thread;

static VOID NTAPI Thread(PVOID Context)
{
    LARGE_INTEGER minutes;

    UNREFERENCED_PARAMETER(Context);
    minutes.QuadPart = -6000000000;
    KeDelayExecutionThread(KernelMode, FALSE, &minutes);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HANDLE thread;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Thread, NULL);
    if (NT_SUCCESS(status)) {
        ZwClose(thread);
    }
    return status;
}
