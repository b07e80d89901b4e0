// SPDX-License-Identifier: MIT
// A mistake for each sanitizer: a write behind an array, a race of two threads, an overflow.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KSTART_ROUTINE Count;

static KSPIN_LOCK Lock;
static volatile LONG Guarded;
static volatile LONG Unguarded;
static volatile LONG Done;

static VOID CountOnce(VOID)
{
    KIRQL irql;

    KeAcquireSpinLock(&Lock, &irql);
    Guarded = Guarded + 1; /* no race: the lock is held */
    KeReleaseSpinLock(&Lock, irql);
    Unguarded = Unguarded + 1; /* the race */
    /* Neither thread goes on before both are here, lest its end come before the other's beginning. */
    InterlockedIncrementNoFence(&Done);
    while (ReadNoFence(&Done) < 2) {
        YieldProcessor();
    }
}

static VOID NTAPI Count(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    CountOnce();
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    volatile UCHAR bytes[8] = {0};
    volatile LONG index = 8;
    volatile LONG largest = MAXLONG;
    HANDLE handle;
    PVOID thread;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    KeInitializeSpinLock(&Lock);
    if (!NT_SUCCESS(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Count, NULL))) {
        return STATUS_UNSUCCESSFUL;
    }
    CountOnce();
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &thread, NULL);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(thread);
    ZwClose(handle);
    largest = largest + 1; /* the overflow */
    bytes[index] = 1;      /* the write behind the array */
    DbgPrint("%u %d\n", bytes[0], largest);
    return STATUS_SUCCESS;
}
