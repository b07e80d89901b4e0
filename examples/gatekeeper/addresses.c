// SPDX-License-Identifier: MIT
#include "addresses.h"

#include <ip2string.h>

#define TAG_ADDRESSES 'AtaG'

BOOLEAN ParseAddress(PCWSTR Text, USHORT Port, PSOCKADDR_STORAGE Address)
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

// IPv4 as ::ffff:a.b.c.d.
static VOID ToIpv6(CONST SOCKADDR *Address, IN6_ADDR *Ipv6)
{
    PUCHAR bytes = (PUCHAR)Ipv6;

    if (Address->sa_family == AF_INET6) {
        *Ipv6 = ((CONST SOCKADDR_IN6 *)Address)->sin6_addr;
        return;
    }
    RtlZeroMemory(Ipv6, sizeof(*Ipv6));
    bytes[10] = 0xff;
    bytes[11] = 0xff;
    RtlCopyMemory(bytes + 12, &((CONST SOCKADDR_IN *)Address)->sin_addr, 4);
}

static PCWSTR NextText(PCWSTR Text)
{
    while (*Text != 0) {
        ++Text;
    }
    return Text + 1;
}

NTSTATUS ParseAddressList(PCWSTR Texts, PADDRESS_LIST List)
{
    SOCKADDR_STORAGE address;
    PCWSTR text;
    ULONG count = 0;

    RtlZeroMemory(List, sizeof(*List));
    for (text = Texts; *text != 0; text = NextText(text)) {
        ++count;
    }
    if (count == 0) {
        return STATUS_SUCCESS;
    }
    List->Addresses = ExAllocatePoolZero(NonPagedPoolNx, count * sizeof(*List->Addresses), TAG_ADDRESSES);
    if (List->Addresses == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (text = Texts; *text != 0; text = NextText(text)) {
        if (!ParseAddress(text, 0, &address)) {
            DbgPrint("gatekeeper: %ws is not an IPv4 or IPv6 address\n", text);
            FreeAddressList(List);
            return STATUS_INVALID_PARAMETER;
        }
        ToIpv6((PSOCKADDR)&address, &List->Addresses[List->Count++]);
    }
    return STATUS_SUCCESS;
}

VOID FreeAddressList(PADDRESS_LIST List)
{
    if (List->Addresses != NULL) {
        ExFreePoolWithTag(List->Addresses, TAG_ADDRESSES);
    }
    RtlZeroMemory(List, sizeof(*List));
}

BOOLEAN IsOnList(CONST ADDRESS_LIST *List, CONST SOCKADDR *Address)
{
    IN6_ADDR wanted;
    ULONG index;

    ToIpv6(Address, &wanted);
    for (index = 0; index < List->Count; ++index) {
        if (RtlEqualMemory(&List->Addresses[index], &wanted, sizeof(wanted))) {
            return TRUE;
        }
    }
    return FALSE;
}
