// SPDX-License-Identifier: MIT
// A driver with two threads, of which one waits for the other in a loop. Which loop, its Parameters key says: How.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KSTART_ROUTINE Sleeper, Waiter;

static volatile LONG flag;
static volatile LONG lock = 1;
static volatile LONG plain;
static KEVENT event;
static KSPIN_LOCK spin_lock;
static ULONG how;
static PVOID threads[2];

// The flag first: whoever waits for one of the others prints it.
static VOID Set(VOID)
{
    InterlockedExchange(&flag, 1);
    InterlockedExchange(&lock, 0);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI Sleeper(PVOID Context)
{
    LARGE_INTEGER second;

    UNREFERENCED_PARAMETER(Context);
    second.QuadPart = -10000000;
    KeDelayExecutionThread(KernelMode, FALSE, &second);
    Set();
}

static VOID PollTheClock(VOID)
{
    LARGE_INTEGER begin, now;

    KeQuerySystemTime(&begin);
    do {
        KeQuerySystemTime(&now);
    } while (now.QuadPart - begin.QuadPart < 20000000);
}

static VOID PollTheCounter(VOID)
{
    LARGE_INTEGER frequency, begin = KeQueryPerformanceCounter(&frequency);

    while (KeQueryPerformanceCounter(NULL).QuadPart - begin.QuadPart < 2 * frequency.QuadPart) {
    }
}

static VOID PollTicks(VOID)
{
    ULONGLONG begin = KeQueryInterruptTime();
    LARGE_INTEGER ticks, now;

    KeQueryTickCount(&ticks);
    do {
        KeQueryTickCount(&now);
    } while (now.QuadPart < ticks.QuadPart + 60);
    while (KeQueryInterruptTime() - begin < 20000000) {
    }
}

static VOID PollAtDispatchLevel(VOID)
{
    KIRQL irql;

    KeAcquireSpinLock(&spin_lock, &irql);
    while (InterlockedCompareExchange(&flag, 0, 0) == 0) {
    }
    KeReleaseSpinLock(&spin_lock, irql);
}

static VOID NTAPI Waiter(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    switch (how) {
    case 0:
        while (flag == 0) {
            YieldProcessor();
        }
        break;
    case 1:
        while (InterlockedCompareExchange(&lock, 1, 0) != 0) {
        }
        break;
    case 2:
        while (flag == 0) {
            KeMemoryBarrier();
        }
        break;
    case 3:
        while (ReadAcquire(&flag) == 0) {
        }
        break;
    case 4:
        while (flag == 0 && KeGetCurrentIrql() == PASSIVE_LEVEL) {
        }
        break;
    case 5:
        while (KeReadStateEvent(&event) == 0) {
        }
        break;
    case 6:
        PollTheClock();
        break;
    case 7:
        PollTheCounter();
        break;
    case 8:
        PollTicks();
        break;
    case 9:
        PollAtDispatchLevel();
        break;
    default:
        while (plain == 0) {
        }
        break;
    }
    DbgPrint("went on, %d\n", flag);
}

static VOID Start(PKSTART_ROUTINE Routine, PVOID *Object)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;

    InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    if (NT_SUCCESS(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, Routine, NULL))) {
        ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, Object, NULL);
        ZwClose(handle);
    }
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    ULONG i;

    UNREFERENCED_PARAMETER(DriverObject);
    for (i = 0; i < RTL_NUMBER_OF(threads); ++i) {
        KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(threads[i]);
    }
}

static ULONG ReadHow(PUNICODE_STRING RegistryPath)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION Information;
        UCHAR Room[64];
    } value = {{0}};
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE service, key;
    ULONG length;

    InitializeObjectAttributes(&attributes, RegistryPath, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&service, KEY_READ, &attributes))) {
        return 0;
    }
    RtlInitUnicodeString(&name, L"Parameters");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, service, NULL);
    if (NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes))) {
        RtlInitUnicodeString(&name, L"How");
        ZwQueryValueKey(key, &name, KeyValuePartialInformation, &value, sizeof(value), &length);
        ZwClose(key);
    }
    ZwClose(service);
    return *(PULONG)value.Information.Data;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->DriverUnload = Unload;
    how = ReadHow(RegistryPath);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeSpinLock(&spin_lock);
    Start(Sleeper, &threads[0]);
    Start(Waiter, &threads[1]);
    return STATUS_SUCCESS;
}
