// SPDX-License-Identifier: MIT
// Text that is put together piece by piece, at any IRQL up to DISPATCH_LEVEL. What does not fit is left out.
#pragma once

#include <ntddk.h>
#include <wsk.h>

typedef struct _TEXT {
    PCHAR Buffer;
    SIZE_T Length;
    SIZE_T Max;
} TEXT, *PTEXT;

VOID AppendBytes(PTEXT Text, CONST VOID *Bytes, SIZE_T Length);
VOID AppendString(PTEXT Text, PCSTR String);
VOID AppendNumber(PTEXT Text, ULONGLONG Number);
// Such as 127.0.0.2:40000 or [::1]:40000.
VOID AppendAddress(PTEXT Text, CONST SOCKADDR *Address);

// The same for DbgPrint, which wants a terminated string.
typedef struct _ADDRESS_TEXT {
    CHAR Text[64];
} ADDRESS_TEXT;

PCSTR AddressToText(CONST SOCKADDR *Address, ADDRESS_TEXT *Room);
