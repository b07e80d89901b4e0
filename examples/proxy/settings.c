// SPDX-License-Identifier: MIT
#include "settings.h"

#include <ip2string.h>

#define TEXT_CHARS_MAX 64
#define BUFFER_SIZE_MAX (16 * 1024 * 1024)

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

static NTSTATUS ReadAddress(HANDLE Key, PCWSTR Name, USHORT Port, PSOCKADDR_STORAGE Address)
{
    WCHAR text[TEXT_CHARS_MAX] = L"127.0.0.1";
    VALUE value;
    ULONG length;
    NTSTATUS status = QueryValue(Key, Name, REG_SZ, &value);

    if (NT_SUCCESS(status)) {
        length = min(value.Information.DataLength, sizeof(text) - sizeof(WCHAR));
        RtlZeroMemory(text, sizeof(text));
        RtlCopyMemory(text, value.Information.Data, length);
    } else if (status != STATUS_OBJECT_NAME_NOT_FOUND) {
        DbgPrint("settings: %ws must be a REG_SZ\n", Name);
        return status;
    }
    if (!ParseAddress(text, Port, Address)) {
        DbgPrint("settings: %ws %ws is not an IPv4 or IPv6 address\n", Name, text);
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_SUCCESS;
}

// A port with the address beside it.
static NTSTATUS ReadEnd(
    HANDLE Key, PCWSTR AddressName, PCWSTR PortName, ULONG DefaultPort, PSOCKADDR_STORAGE Address)
{
    ULONG port = DefaultPort;
    NTSTATUS status = ReadNumber(Key, PortName, 65535, &port);

    return NT_SUCCESS(status) ? ReadAddress(Key, AddressName, (USHORT)port, Address) : status;
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
    Settings->BufferSize = 64 * 1024;
    if (NT_SUCCESS(status)) {
        status = ReadNumber(parameters, L"BufferSize", BUFFER_SIZE_MAX, &Settings->BufferSize);
    }
    if (NT_SUCCESS(status) && Settings->BufferSize == 0) {
        DbgPrint("settings: BufferSize must not be 0\n");
        status = STATUS_INVALID_PARAMETER;
    }
    if (NT_SUCCESS(status)) {
        status = ReadEnd(parameters, L"Address", L"Port", 5005, &Settings->Address);
    }
    if (NT_SUCCESS(status)) {
        status = ReadEnd(parameters, L"TargetAddress", L"TargetPort", 8080, &Settings->Target);
    }
    if (parameters != NULL) {
        ZwClose(parameters);
    }
    ZwClose(service);
    return status;
}
