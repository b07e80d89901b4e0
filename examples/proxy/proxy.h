// SPDX-License-Identifier: MIT
// What the parts of the driver share.
#pragma once

#include "settings.h"

typedef struct _PROXY {
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    SETTINGS Settings;
    PWSK_SOCKET Listener;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *Listen;
    EX_RUNDOWN_REF AcceptCalls; // calls of WskAccept in progress
    EX_RUNDOWN_REF PairsInUse;  // one for each PAIR that exists
    KSPIN_LOCK Lock;
    LIST_ENTRY Pairs; // by Lock
    BOOLEAN Stopping; // by Lock
} PROXY;

extern PROXY Proxy;

// Makes an IRP ready for its next use.
VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context);
