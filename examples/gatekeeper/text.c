// SPDX-License-Identifier: MIT
#include "text.h"

#include <ip2string.h>

VOID AppendBytes(PTEXT Text, CONST VOID *Bytes, SIZE_T Length)
{
    Length = min(Length, Text->Max - Text->Length);
    RtlCopyMemory(Text->Buffer + Text->Length, Bytes, Length);
    Text->Length += Length;
}

VOID AppendString(PTEXT Text, PCSTR String)
{
    SIZE_T length = 0;

    while (String[length] != 0) {
        ++length;
    }
    AppendBytes(Text, String, length);
}

VOID AppendNumber(PTEXT Text, ULONGLONG Number)
{
    CHAR digits[20];
    ULONG first = sizeof(digits);

    do {
        digits[--first] = (CHAR)('0' + Number % 10);
        Number /= 10;
    } while (Number > 0);
    AppendBytes(Text, digits + first, sizeof(digits) - first);
}

VOID AppendAddress(PTEXT Text, CONST SOCKADDR *Address)
{
    CHAR room[48];

    if (Address->sa_family == AF_INET) {
        CONST SOCKADDR_IN *ipv4 = (CONST SOCKADDR_IN *)Address;
        RtlIpv4AddressToStringA(&ipv4->sin_addr, room)[0] = 0;
        AppendString(Text, room);
        AppendString(Text, ":");
        AppendNumber(Text, RtlUshortByteSwap(ipv4->sin_port));
    } else {
        CONST SOCKADDR_IN6 *ipv6 = (CONST SOCKADDR_IN6 *)Address;
        RtlIpv6AddressToStringA(&ipv6->sin6_addr, room)[0] = 0;
        AppendString(Text, "[");
        AppendString(Text, room);
        AppendString(Text, "]:");
        AppendNumber(Text, RtlUshortByteSwap(ipv6->sin6_port));
    }
}

PCSTR AddressToText(CONST SOCKADDR *Address, ADDRESS_TEXT *Room)
{
    TEXT text = {Room->Text, 0, sizeof(Room->Text) - 1};

    AppendAddress(&text, Address);
    Room->Text[text.Length] = 0;
    return Room->Text;
}
