// SPDX-License-Identifier: MIT
// A connection that talks: it sends what it has to say, then listens, then has something to say again.
//
// It lives while it is referenced: by its chain of requests, by the list of connections (DriverUnload takes
// this reference over when it aborts the connection), and by every call in progress, because WskCloseSocket
// must not run beside another call. Whoever drops the last reference closes the socket.
#pragma once

#include "text.h"

#define INPUT_MAX 4096
#define OUTPUT_MAX 8192
#define LINE_MAX 80

typedef struct _CONNECTION CONNECTION, *PCONNECTION;

// Turns some of the input into output: at least one byte of it.
typedef VOID ANSWER(PCONNECTION Connection);

struct _CONNECTION {
    LIST_ENTRY Link; // in the list of connections while Listed
    BOOLEAN Listed;
    LONG References;
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    PIRP Irp;      // receive, send, disconnect, close: one after another
    PIRP AbortIrp; // DriverUnload's
    PMDL InputMdl;
    PMDL OutputMdl;

    // What follows belongs to the chain of requests.
    ANSWER *Answer;
    BOOLEAN Leaving;      // disconnect when the output is sent
    BOOLEAN PeerFinished; // nothing more comes in
    SIZE_T InputLength;
    SIZE_T InputUsed;
    TEXT Output;
    SIZE_T LineLength; // of a line that is not complete yet
    CHAR Line[LINE_MAX];
    CHAR Input[INPUT_MAX];
    CHAR OutputRoom[OUTPUT_MAX];
};

VOID InitializeConnections(VOID);
// NULL: out of memory, or the driver is being unloaded.
PCONNECTION NewConnection(PWSK_SOCKET Socket, ANSWER *Answer);
// Sends the first output, if any, and goes on from there.
VOID StartConnection(PCONNECTION Connection);
// PASSIVE_LEVEL. Aborts all connections and waits until the last one is gone.
VOID AbortConnections(VOID);
