// SPDX-License-Identifier: MIT
#include "settings.h"

#define CONNECTIONS_MAX 10000

typedef union _VALUE {
    KEY_VALUE_PARTIAL_INFORMATION Information;
    UCHAR Room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
} VALUE;

static NTSTATUS OpenKey(HANDLE Parent, PUNICODE_STRING Name, PHANDLE Key)
{
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, Parent, NULL);
    return ZwOpenKey(Key, KEY_READ, &attributes);
}

static NTSTATUS ReadNumber(HANDLE Key, PCWSTR Name, ULONG Max, PULONG Number)
{
    VALUE value;
    UNICODE_STRING name;
    ULONG length;
    NTSTATUS status;

    RtlInitUnicodeString(&name, Name);
    status = ZwQueryValueKey(Key, &name, KeyValuePartialInformation, &value, sizeof(value), &length);
    if (NT_SUCCESS(status) && value.Information.Type == REG_DWORD) {
        RtlCopyMemory(Number, value.Information.Data, sizeof(*Number));
        if (*Number != 0 && *Number <= Max) {
            return STATUS_SUCCESS;
        }
    }
    DbgPrint("settings: %ws must be a REG_DWORD from 1 to %u\n", Name, Max);
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings)
{
    UNICODE_STRING name;
    HANDLE service, parameters;
    NTSTATUS status = OpenKey(NULL, RegistryPath, &service);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    RtlInitUnicodeString(&name, L"Parameters");
    status = OpenKey(service, &name, &parameters);
    ZwClose(service);
    if (!NT_SUCCESS(status)) {
        DbgPrint("settings: there are no Parameters\n");
        return status;
    }
    status = ReadNumber(parameters, L"TargetPort", 65535, &Settings->TargetPort);
    if (NT_SUCCESS(status)) {
        status = ReadNumber(parameters, L"Connections", CONNECTIONS_MAX, &Settings->Connections);
    }
    ZwClose(parameters);
    return status;
}
