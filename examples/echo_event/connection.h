// SPDX-License-Identifier: MIT
// A connection: keeps what WskReceiveEvent shows and sends it back, from the provider's own buffers.
//
// It lives while it is referenced: by itself until it has ended, by the list of connections (DriverUnload
// takes this reference over when it aborts the connection), and by every call and request in progress.
// Whoever drops the last reference closes the socket.
#pragma once

#include <ntddk.h>
#include <wsk.h>

#define KEPT_MAX 4

typedef struct _CONNECTION {
    LIST_ENTRY Link; // in the list of connections while Listed
    LONG References;
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    PIRP SendIrp; // one send at a time, then the disconnect, then the close
    PIRP ResumeIrp;
    PIRP AbortIrp; // DriverUnload's
    BOOLEAN Listed;

    KSPIN_LOCK Lock; // of everything below
    PWSK_DATA_INDICATION Kept[KEPT_MAX]; // whole lists, the oldest at First
    ULONG First;
    ULONG Count;
    PWSK_DATA_INDICATION Current; // in the oldest list: what is being sent
    BOOLEAN Sending;  // SendIrp is in use
    BOOLEAN Paused;   // no more receive events until ResumeIrp has been given
    BOOLEAN Resuming; // ResumeIrp is in use
    BOOLEAN Finished; // the client has sent everything
    BOOLEAN Dead;     // nothing can be sent any more
    BOOLEAN Ended;
} CONNECTION, *PCONNECTION;

// Its event callbacks; the context is the connection.
extern CONST WSK_CLIENT_CONNECTION_DISPATCH ConnectionDispatch;

VOID InitializeConnections(VOID);
// NULL: out of memory, or the driver is being unloaded.
PCONNECTION NewConnection(PWSK_SOCKET Socket);
// PASSIVE_LEVEL. Aborts all connections and waits until the last one is gone.
VOID AbortConnections(VOID);

// Makes an IRP of ours ready for its next call.
VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context);
