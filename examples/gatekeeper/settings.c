// SPDX-License-Identifier: MIT
#include "settings.h"

#define TAG_VALUE 'VtaG'
#define TIME_LIMIT_SECONDS_MAX (24 * 60 * 60)

static NTSTATUS OpenKey(HANDLE Parent, PUNICODE_STRING Name, PHANDLE Key)
{
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, Parent, NULL);
    return ZwOpenKey(Key, KEY_READ, &attributes);
}

// A copy of the value that FreeValue frees, with a terminated text if it is one.
// STATUS_OBJECT_NAME_NOT_FOUND: there is no such value.
static NTSTATUS QueryValue(HANDLE Key, PCWSTR Name, ULONG Type, PKEY_VALUE_PARTIAL_INFORMATION *Value)
{
    UNICODE_STRING name;
    ULONG length, size;
    NTSTATUS status;

    *Value = NULL;
    if (Key == NULL) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    RtlInitUnicodeString(&name, Name);
    status = ZwQueryValueKey(Key, &name, KeyValuePartialInformation, NULL, 0, &length);
    if (status != STATUS_BUFFER_TOO_SMALL && status != STATUS_BUFFER_OVERFLOW) {
        return NT_SUCCESS(status) ? STATUS_UNSUCCESSFUL : status;
    }
    size = length + 2 * sizeof(WCHAR); // the registry does not promise that texts are terminated
    *Value = ExAllocatePoolZero(PagedPool, size, TAG_VALUE);
    if (*Value == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = ZwQueryValueKey(Key, &name, KeyValuePartialInformation, *Value, length, &length);
    if (NT_SUCCESS(status) && (*Value)->Type != Type) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    return status;
}

static VOID FreeValue(PKEY_VALUE_PARTIAL_INFORMATION Value)
{
    if (Value != NULL) {
        ExFreePoolWithTag(Value, TAG_VALUE);
    }
}

static NTSTATUS ReadNumber(HANDLE Key, PCWSTR Name, ULONG Default, ULONG Max, PULONG Number)
{
    PKEY_VALUE_PARTIAL_INFORMATION value;
    NTSTATUS status = QueryValue(Key, Name, REG_DWORD, &value);

    *Number = Default;
    if (NT_SUCCESS(status)) {
        RtlCopyMemory(Number, value->Data, sizeof(*Number));
        status = *Number <= Max ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    }
    FreeValue(value);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        return STATUS_SUCCESS;
    }
    if (!NT_SUCCESS(status)) {
        DbgPrint("gatekeeper: %ws must be a REG_DWORD of at most %u\n", Name, Max);
    }
    return status;
}

static NTSTATUS ReadAddress(HANDLE Key, USHORT Port, PSOCKADDR_STORAGE Address)
{
    PKEY_VALUE_PARTIAL_INFORMATION value;
    PCWSTR text = L"127.0.0.1";
    NTSTATUS status = QueryValue(Key, L"Address", REG_SZ, &value);

    if (NT_SUCCESS(status)) {
        text = (PCWSTR)value->Data;
    } else if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        status = STATUS_SUCCESS;
    } else {
        DbgPrint("gatekeeper: Address must be a REG_SZ\n");
    }
    if (NT_SUCCESS(status) && !ParseAddress(text, Port, Address)) {
        DbgPrint("gatekeeper: Address %ws is not an IPv4 or IPv6 address\n", text);
        status = STATUS_INVALID_PARAMETER;
    }
    FreeValue(value);
    return status;
}

static NTSTATUS ReadList(HANDLE Key, PCWSTR Name, PADDRESS_LIST List)
{
    PKEY_VALUE_PARTIAL_INFORMATION value;
    NTSTATUS status = QueryValue(Key, Name, REG_MULTI_SZ, &value);

    if (NT_SUCCESS(status)) {
        status = ParseAddressList((PCWSTR)value->Data, List);
    } else if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        status = STATUS_SUCCESS; // an empty list
    } else {
        DbgPrint("gatekeeper: %ws must be a REG_MULTI_SZ\n", Name);
    }
    FreeValue(value);
    return status;
}

static NTSTATUS ReadParameters(HANDLE Key, PSETTINGS Settings)
{
    ULONG port, operator_port;
    NTSTATUS status = ReadNumber(Key, L"Port", 5003, 65535, &port);

    if (NT_SUCCESS(status)) {
        status = ReadNumber(Key, L"OperatorPort", 5004, 65535, &operator_port);
    }
    if (NT_SUCCESS(status)) {
        status = ReadNumber(
            Key, L"TimeLimitSeconds", 30, TIME_LIMIT_SECONDS_MAX, &Settings->TimeLimitSeconds);
    }
    if (NT_SUCCESS(status)) {
        status = ReadAddress(Key, (USHORT)port, &Settings->ClientAddress);
    }
    if (NT_SUCCESS(status)) {
        status = ReadAddress(Key, (USHORT)operator_port, &Settings->OperatorAddress);
    }
    if (NT_SUCCESS(status)) {
        status = ReadList(Key, L"Allow", &Settings->Allow);
    }
    if (NT_SUCCESS(status)) {
        status = ReadList(Key, L"Deny", &Settings->Deny);
    }
    return status;
}

NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings)
{
    UNICODE_STRING name;
    HANDLE service, parameters = NULL;
    NTSTATUS status = OpenKey(NULL, RegistryPath, &service);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    RtlInitUnicodeString(&name, L"Parameters");
    status = OpenKey(service, &name, &parameters);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        status = STATUS_SUCCESS; // everything has a default
    }
    if (NT_SUCCESS(status)) {
        status = ReadParameters(parameters, Settings);
    }
    if (!NT_SUCCESS(status)) {
        FreeSettings(Settings);
    }
    if (parameters != NULL) {
        ZwClose(parameters);
    }
    ZwClose(service);
    return status;
}

VOID FreeSettings(PSETTINGS Settings)
{
    FreeAddressList(&Settings->Allow);
    FreeAddressList(&Settings->Deny);
}
