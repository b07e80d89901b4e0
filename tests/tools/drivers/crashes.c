// SPDX-License-Identifier: MIT
// A driver that crashes in the way that its value How names.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KDEFERRED_ROUTINE OnTimer;

static KTIMER Timer;
static KDPC Dpc;
static volatile int Zero;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

// Read at run time, so that compilers do not see where it leads.
static volatile ULONG_PTR NearNull = 8;

static VOID NTAPI OnTimer(PKDPC Object, PVOID Context, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(Object);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(First);
    UNREFERENCED_PARAMETER(Second);
    *(volatile int *)NearNull = 1;
}

static VOID CrashInDpc(VOID)
{
    LARGE_INTEGER due, second;

    due.QuadPart = -1;
    second.QuadPart = -600000000;
    KeInitializeTimer(&Timer);
    KeInitializeDpc(&Dpc, OnTimer, NULL);
    KeSetTimer(&Timer, due, &Dpc);
    KeDelayExecutionThread(KernelMode, FALSE, &second);
}

static DECLSPEC_NOINLINE int NeverEnds(volatile int *Depth)
{
    volatile char room[4096];

    room[0] = (char)*Depth;
    *Depth += 1;
    // Compilers would notice that it never ends.
    return *Depth > 0 ? NeverEnds(Depth) + room[0] : 0;
}

static DECLSPEC_NOINLINE VOID Crash(ULONG How)
{
    volatile int depth = 0;
    VOID (*volatile nothing)(VOID) = NULL;

    switch (How) {
    case 0:
        *(volatile int *)(ULONG_PTR)0x1234 = 1;
        break;
    case 1:
        Zero = *(volatile int *)((ULONG_PTR)1 << 62);
        break;
    case 2:
        nothing();
        break;
    case 3:
        Zero = 1 / Zero;
        break;
    case 4:
        __builtin_trap();
        break;
    case 5:
        DbgBreakPoint();
        break;
    case 6:
        DbgPrint("%s\n", (char *)(ULONG_PTR)5);
        break;
    case 7:
        CrashInDpc();
        break;
    case 8:
        NeverEnds(&depth);
        break;
    }
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION Information;
        UCHAR Room[64];
    } value;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE service, key;
    ULONG length;

    DriverObject->DriverUnload = Unload;
    InitializeObjectAttributes(&attributes, RegistryPath, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    ZwOpenKey(&service, KEY_READ, &attributes);
    RtlInitUnicodeString(&name, L"Parameters");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, service, NULL);
    ZwOpenKey(&key, KEY_READ, &attributes);
    RtlInitUnicodeString(&name, L"How");
    ZwQueryValueKey(key, &name, KeyValuePartialInformation, &value, sizeof(value), &length);
    ZwClose(key);
    ZwClose(service);
    Crash(*(PULONG)value.Information.Data);
    return STATUS_SUCCESS;
}
