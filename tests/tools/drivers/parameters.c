// SPDX-License-Identifier: MIT
// A driver that prints the values of its Parameters key: Number, Text and List.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

static VOID PrintList(PCWSTR Text)
{
    DbgPrint("list:");
    while (*Text != 0) {
        DbgPrint(" %ws", Text);
        while (*Text++ != 0) {
        }
    }
    DbgPrint("\n");
}

static VOID PrintValue(HANDLE Key, PCWSTR Name)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION Information;
        UCHAR Room[512];
    } value;
    UNICODE_STRING name;
    ULONG length;

    RtlInitUnicodeString(&name, Name);
    if (!NT_SUCCESS(ZwQueryValueKey(Key, &name, KeyValuePartialInformation, &value, sizeof(value), &length))) {
        return;
    }
    switch (value.Information.Type) {
    case REG_DWORD:
        DbgPrint("number: %u\n", *(PULONG)value.Information.Data);
        break;
    case REG_SZ:
        DbgPrint("text: %ws\n", (PCWSTR)value.Information.Data);
        break;
    case REG_MULTI_SZ:
        PrintList((PCWSTR)value.Information.Data);
        break;
    }
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE service, key;
    NTSTATUS status;

    DriverObject->DriverUnload = Unload;
    InitializeObjectAttributes(&attributes, RegistryPath, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    status = ZwOpenKey(&service, KEY_READ, &attributes);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    RtlInitUnicodeString(&name, L"Parameters");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, service, NULL);
    status = ZwOpenKey(&key, KEY_READ, &attributes);
    if (NT_SUCCESS(status)) {
        PrintValue(key, L"Number");
        PrintValue(key, L"Text");
        PrintValue(key, L"List");
        ZwClose(key);
    }
    ZwClose(service);
    return status;
}
