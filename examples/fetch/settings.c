// SPDX-License-Identifier: MIT
#include "settings.h"

#define BYTES_MAX (64 * 1024 * 1024)

typedef union _VALUE {
    KEY_VALUE_PARTIAL_INFORMATION Information;
    UCHAR Room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + SETTING_CHARS_MAX * sizeof(WCHAR)];
} VALUE, *PVALUE;

static NTSTATUS OpenKey(HANDLE Parent, PUNICODE_STRING Name, PHANDLE Key)
{
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, Parent, NULL);
    return ZwOpenKey(Key, KEY_READ, &attributes);
}

// STATUS_OBJECT_NAME_NOT_FOUND: there is no such value.
static NTSTATUS QueryValue(HANDLE Key, PCWSTR Name, ULONG Type, PVALUE Value)
{
    UNICODE_STRING name;
    ULONG length;
    NTSTATUS status;

    if (Key == NULL) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    RtlInitUnicodeString(&name, Name);
    status = ZwQueryValueKey(Key, &name, KeyValuePartialInformation, Value, sizeof(*Value), &length);
    if (NT_SUCCESS(status) && Value->Information.Type != Type) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    return status;
}

// `Text` has its default.
static NTSTATUS ReadText(HANDLE Key, PCWSTR Name, PWSTR Text)
{
    VALUE value;
    NTSTATUS status = QueryValue(Key, Name, REG_SZ, &value);

    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        return STATUS_SUCCESS;
    }
    if (!NT_SUCCESS(status) || value.Information.DataLength <= sizeof(WCHAR)) {
        DbgPrint("settings: %ws must be a REG_SZ of 1 to %u characters\n", Name, SETTING_CHARS_MAX - 1);
        return NT_SUCCESS(status) ? STATUS_INVALID_PARAMETER : status;
    }
    RtlZeroMemory(Text, SETTING_CHARS_MAX * sizeof(WCHAR));
    RtlCopyMemory(
        Text, value.Information.Data, min(value.Information.DataLength, (SETTING_CHARS_MAX - 1) * sizeof(WCHAR)));
    return STATUS_SUCCESS;
}

static NTSTATUS ReadBytesMax(HANDLE Key, PULONG Number)
{
    VALUE value;
    NTSTATUS status = QueryValue(Key, L"BytesMax", REG_DWORD, &value);

    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(status)) {
        RtlCopyMemory(Number, value.Information.Data, sizeof(*Number));
        if (*Number != 0 && *Number <= BYTES_MAX) {
            return STATUS_SUCCESS;
        }
        status = STATUS_INVALID_PARAMETER;
    }
    DbgPrint("settings: BytesMax must be a REG_DWORD from 1 to %u\n", BYTES_MAX);
    return status;
}

// What stands in a request may have neither spaces nor ends of lines in it.
static NTSTATUS CheckPlain(PCWSTR Name, PCWSTR Text)
{
    for (; *Text != 0; ++Text) {
        if (*Text <= L' ' || *Text > L'~') {
            DbgPrint("settings: %ws must be printable ASCII without spaces\n", Name);
            return STATUS_INVALID_PARAMETER;
        }
    }
    return STATUS_SUCCESS;
}

static NTSTATUS ReadAll(HANDLE Key, PSETTINGS Settings)
{
    NTSTATUS status = ReadText(Key, L"Host", Settings->Host);

    if (NT_SUCCESS(status)) {
        status = CheckPlain(L"Host", Settings->Host);
    }
    if (NT_SUCCESS(status)) {
        status = ReadText(Key, L"Service", Settings->Service);
    }
    if (NT_SUCCESS(status)) {
        status = ReadText(Key, L"Path", Settings->Path);
    }
    if (NT_SUCCESS(status)) {
        status = CheckPlain(L"Path", Settings->Path);
    }
    return NT_SUCCESS(status) ? ReadBytesMax(Key, &Settings->BytesMax) : status;
}

NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings)
{
    static const SETTINGS defaults = {L"localhost", L"http", L"/", 1024 * 1024};
    UNICODE_STRING name;
    HANDLE service, parameters = NULL;
    NTSTATUS status = OpenKey(NULL, RegistryPath, &service);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    *Settings = defaults;
    RtlInitUnicodeString(&name, L"Parameters");
    status = OpenKey(service, &name, &parameters);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        status = STATUS_SUCCESS; // everything has a default
    }
    if (NT_SUCCESS(status)) {
        status = ReadAll(parameters, Settings);
    }
    if (parameters != NULL) {
        ZwClose(parameters);
    }
    ZwClose(service);
    return status;
}
