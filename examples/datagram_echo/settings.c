// SPDX-License-Identifier: MIT
#include "settings.h"

#include <ip2string.h>

#define TEXT_CHARS_MAX 64

typedef union _VALUE {
    KEY_VALUE_PARTIAL_INFORMATION Information;
    UCHAR Room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + TEXT_CHARS_MAX * sizeof(WCHAR)];
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

static NTSTATUS ReadNumber(HANDLE Key, PCWSTR Name, ULONG Max, PULONG Number)
{
    VALUE value;
    NTSTATUS status = QueryValue(Key, Name, REG_DWORD, &value);

    if (status == STATUS_OBJECT_NAME_NOT_FOUND) {
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(status)) {
        RtlCopyMemory(Number, value.Information.Data, sizeof(*Number));
        if (*Number <= Max) {
            return STATUS_SUCCESS;
        }
        status = STATUS_INVALID_PARAMETER;
    }
    DbgPrint("settings: %ws must be a REG_DWORD of at most %u\n", Name, Max);
    return status;
}

static BOOLEAN ParseAddress(PCWSTR Text, USHORT Port, PSOCKADDR_STORAGE Address)
{
    PSOCKADDR_IN ipv4 = (PSOCKADDR_IN)Address;
    PSOCKADDR_IN6 ipv6 = (PSOCKADDR_IN6)Address;
    PCWSTR end;

    RtlZeroMemory(Address, sizeof(*Address));
    if (NT_SUCCESS(RtlIpv4StringToAddressW(Text, TRUE, &end, &ipv4->sin_addr)) && *end == 0) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = RtlUshortByteSwap(Port);
        return TRUE;
    }
    RtlZeroMemory(Address, sizeof(*Address));
    if (NT_SUCCESS(RtlIpv6StringToAddressW(Text, &end, &ipv6->sin6_addr)) && *end == 0) {
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = RtlUshortByteSwap(Port);
        return TRUE;
    }
    return FALSE;
}

static NTSTATUS ReadAddress(HANDLE Key, USHORT Port, PSOCKADDR_STORAGE Address)
{
    WCHAR text[TEXT_CHARS_MAX] = L"127.0.0.1";
    VALUE value;
    ULONG length;
    NTSTATUS status = QueryValue(Key, L"Address", REG_SZ, &value);

    if (NT_SUCCESS(status)) {
        length = min(value.Information.DataLength, sizeof(text) - sizeof(WCHAR));
        RtlZeroMemory(text, sizeof(text));
        RtlCopyMemory(text, value.Information.Data, length);
    } else if (status != STATUS_OBJECT_NAME_NOT_FOUND) {
        DbgPrint("settings: Address must be a REG_SZ\n");
        return status;
    }
    if (!ParseAddress(text, Port, Address)) {
        DbgPrint("settings: Address %ws is not an IPv4 or IPv6 address\n", text);
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, ULONG DefaultPort, PSETTINGS Settings)
{
    UNICODE_STRING name;
    HANDLE service, parameters = NULL;
    ULONG port = DefaultPort;
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
        status = ReadNumber(parameters, L"Port", 65535, &port);
    }
    if (NT_SUCCESS(status)) {
        status = ReadAddress(parameters, (USHORT)port, &Settings->Address);
    }
    if (parameters != NULL) {
        ZwClose(parameters);
    }
    ZwClose(service);
    return status;
}
