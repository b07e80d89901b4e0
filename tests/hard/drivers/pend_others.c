// SPDX-License-Identifier: MIT
// pend_others: conditional_echo with another judge. 127.0.0.4 is accepted; every other attempt is pended, and
// nobody ever decides, so that only the provider's own bound limits how many wait.
#include <ntddk.h>
#include <wsk.h>

#define ALLOWED 0x7f000004

static WSK_INSPECT_ACTION Judge(PSOCKADDR RemoteAddress)
{
    PSOCKADDR_IN remote = (PSOCKADDR_IN)RemoteAddress;

    return RtlUlongByteSwap(remote->sin_addr.s_addr) == ALLOWED ? WskInspectAccept : WskInspectPend;
}

// The one place where that driver says it accepts.
#define WskInspectAccept Judge(RemoteAddress)
#include "conditional_echo.c"
