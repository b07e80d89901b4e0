// SPDX-License-Identifier: MIT
// A driver with two threads that take two spin locks in opposite order, and meet.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static KSTART_ROUTINE Thread;

static KSPIN_LOCK First, Second;
static volatile LONG Ready;

static VOID TakeBoth(PKSPIN_LOCK One, PKSPIN_LOCK Other)
{
    KIRQL old, older;

    KeAcquireSpinLock(One, &old);
    InterlockedIncrement(&Ready);
    while (ReadAcquire(&Ready) < 2) {
        KeStallExecutionProcessor(10);
    }
    KeAcquireSpinLock(Other, &older);
    KeReleaseSpinLock(Other, older);
    KeReleaseSpinLock(One, old);
}

static VOID NTAPI Thread(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    TakeBoth(&Second, &First);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HANDLE thread;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeSpinLock(&First);
    KeInitializeSpinLock(&Second);
    status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Thread, NULL);
    if (NT_SUCCESS(status)) {
        ZwClose(thread);
        TakeBoth(&First, &Second);
    }
    return status;
}
