// SPDX-License-Identifier: MIT
// Lists of IP addresses. An IPv4 address and the IPv6 address that stands for it are the same.
#pragma once

#include <ntddk.h>
#include <wsk.h>

typedef struct _ADDRESS_LIST {
    ULONG Count;
    IN6_ADDR *Addresses;
} ADDRESS_LIST, *PADDRESS_LIST;

// The text of a whole address, IPv4 or IPv6. The port is in host order.
BOOLEAN ParseAddress(PCWSTR Text, USHORT Port, PSOCKADDR_STORAGE Address);

// Out of the texts of a REG_MULTI_SZ, which has an empty one at its end. A wrong address is printed.
NTSTATUS ParseAddressList(PCWSTR Texts, PADDRESS_LIST List);
VOID FreeAddressList(PADDRESS_LIST List);
BOOLEAN IsOnList(CONST ADDRESS_LIST *List, CONST SOCKADDR *Address);
