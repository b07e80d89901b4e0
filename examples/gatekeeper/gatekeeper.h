// SPDX-License-Identifier: MIT
// gatekeeper: conditional accept, decided by lists of addresses, by an operator or by time.
#pragma once

#include <ntddk.h>
#include <wsk.h>

typedef struct _LISTENER {
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *Dispatch;
    EX_RUNDOWN_REF Calls; // in progress: WskCloseSocket must not run beside them
} LISTENER, *PLISTENER;

extern LISTENER ClientListener;
extern LISTENER OperatorListener;

// FALSE: the listening socket is being closed and must not be used any more.
BOOLEAN BeginListenerCall(PLISTENER Listener);
VOID EndListenerCall(PLISTENER Listener);

// The event callbacks of the two listening sockets.
extern CONST WSK_CLIENT_LISTEN_DISPATCH ClientListenDispatch;
extern CONST WSK_CLIENT_LISTEN_DISPATCH OperatorListenDispatch;

// The lists that inspection goes by.
struct _SETTINGS;
VOID InitializeInspection(CONST struct _SETTINGS *Settings);
