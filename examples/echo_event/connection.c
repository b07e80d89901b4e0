// SPDX-License-Identifier: MIT
#include "connection.h"

#define TAG_CONNECTION 'CveE'

typedef enum _STEP { StepNothing, StepSend, StepDisconnect, StepEnd } STEP;

static struct {
    EX_RUNDOWN_REF InUse; // one for each CONNECTION that exists
    KSPIN_LOCK Lock;
    LIST_ENTRY Connections; // by Lock
} List;

static IO_COMPLETION_ROUTINE Sent, Resumed, Disconnected, Closed, Aborted;

VOID InitializeConnections(VOID)
{
    KeInitializeSpinLock(&List.Lock);
    InitializeListHead(&List.Connections);
    ExInitializeRundownProtection(&List.InUse);
}

// ---- Connections ------------------------------------------------------------------------------

static VOID Free(PCONNECTION Connection)
{
    if (Connection->SendIrp != NULL) {
        IoFreeIrp(Connection->SendIrp);
    }
    if (Connection->ResumeIrp != NULL) {
        IoFreeIrp(Connection->ResumeIrp);
    }
    if (Connection->AbortIrp != NULL) {
        IoFreeIrp(Connection->AbortIrp);
    }
    ExFreePoolWithTag(Connection, TAG_CONNECTION);
    ExReleaseRundownProtection(&List.InUse);
}

// NULL: out of memory, or the driver is being unloaded.
static PCONNECTION Allocate(VOID)
{
    PCONNECTION connection;

    if (!ExAcquireRundownProtection(&List.InUse)) {
        return NULL;
    }
    connection = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*connection), TAG_CONNECTION);
    if (connection == NULL) {
        ExReleaseRundownProtection(&List.InUse);
        return NULL;
    }
    KeInitializeSpinLock(&connection->Lock);
    connection->SendIrp = IoAllocateIrp(1, FALSE);
    connection->ResumeIrp = IoAllocateIrp(1, FALSE);
    connection->AbortIrp = IoAllocateIrp(1, FALSE);
    if (connection->SendIrp == NULL || connection->ResumeIrp == NULL || connection->AbortIrp == NULL) {
        Free(connection);
        return NULL;
    }
    return connection;
}

VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context)
{
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
}

PCONNECTION NewConnection(PWSK_SOCKET Socket)
{
    PCONNECTION connection = Allocate();
    KIRQL irql;

    if (connection == NULL) {
        return NULL;
    }
    connection->Socket = Socket;
    connection->Dispatch = Socket->Dispatch;
    connection->References = 2; // its own, and that of the list
    connection->Listed = TRUE;
    KeAcquireSpinLock(&List.Lock, &irql);
    InsertTailList(&List.Connections, &connection->Link);
    KeReleaseSpinLock(&List.Lock, irql);
    return connection;
}

static VOID AddReference(PCONNECTION Connection)
{
    InterlockedIncrement(&Connection->References);
}

static VOID DropReference(PCONNECTION Connection)
{
    if (InterlockedDecrement(&Connection->References) > 0) {
        return;
    }
    Prepare(Connection->SendIrp, Closed, Connection);
    Connection->Dispatch->WskCloseSocket(Connection->Socket, Connection->SendIrp);
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    Free((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID Unlist(PCONNECTION Connection)
{
    BOOLEAN listed;
    KIRQL irql;

    KeAcquireSpinLock(&List.Lock, &irql);
    listed = Connection->Listed;
    if (listed) {
        RemoveEntryList(&Connection->Link);
        Connection->Listed = FALSE;
    }
    KeReleaseSpinLock(&List.Lock, irql);
    if (listed) {
        DropReference(Connection);
    }
}

// ---- What a connection does next ----------------------------------------------------------------

// Gives all kept lists back: the client is gone. A socket is never closed before that.
static VOID ReleaseKept(PCONNECTION Connection)
{
    for (; Connection->Count > 0; --Connection->Count) {
        Connection->Dispatch->WskRelease(Connection->Socket, Connection->Kept[Connection->First]);
        Connection->First = (Connection->First + 1) % KEPT_MAX;
    }
}

// With Lock held.
static STEP NextStep(PCONNECTION Connection)
{
    if (Connection->Sending || Connection->Ended) {
        return StepNothing;
    }
    if (Connection->Dead) {
        Connection->Ended = TRUE;
        return StepEnd;
    }
    if (Connection->Count > 0) {
        Connection->Sending = TRUE;
        if (Connection->Current == NULL) {
            Connection->Current = Connection->Kept[Connection->First];
        }
        return StepSend;
    }
    if (Connection->Finished) {
        Connection->Sending = TRUE;
        return StepDisconnect;
    }
    return StepNothing;
}

// The caller holds a reference.
static VOID Advance(PCONNECTION Connection)
{
    STEP step;
    KIRQL irql;

    KeAcquireSpinLock(&Connection->Lock, &irql);
    step = NextStep(Connection);
    KeReleaseSpinLock(&Connection->Lock, irql);
    if (step == StepSend) {
        AddReference(Connection); // of the request
        Prepare(Connection->SendIrp, Sent, Connection);
        Connection->Dispatch->WskSend(
            Connection->Socket, &Connection->Current->Buffer, 0, Connection->SendIrp);
    } else if (step == StepDisconnect) {
        AddReference(Connection);
        Prepare(Connection->SendIrp, Disconnected, Connection);
        Connection->Dispatch->WskDisconnect(Connection->Socket, NULL, 0, Connection->SendIrp);
    } else if (step == StepEnd) {
        ReleaseKept(Connection);
        Unlist(Connection);
        DropReference(Connection); // its own
    }
}

// Asks for the receive events that were refused, with a WskReceive of no bytes.
static VOID ResumeIfPaused(PCONNECTION Connection)
{
    WSK_BUF nothing = {NULL, 0, 0};
    BOOLEAN resume;
    KIRQL irql;

    KeAcquireSpinLock(&Connection->Lock, &irql);
    resume = Connection->Paused && !Connection->Resuming && !Connection->Dead &&
             Connection->Count < KEPT_MAX;
    if (resume) {
        Connection->Paused = FALSE;
        Connection->Resuming = TRUE;
    }
    KeReleaseSpinLock(&Connection->Lock, irql);
    if (resume) {
        AddReference(Connection);
        Prepare(Connection->ResumeIrp, Resumed, Connection);
        Connection->Dispatch->WskReceive(Connection->Socket, &nothing, 0, Connection->ResumeIrp);
    }
}

static NTSTATUS NTAPI Resumed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DeviceObject);
    KeAcquireSpinLock(&connection->Lock, &irql);
    connection->Resuming = FALSE;
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        connection->Dead = TRUE;
    }
    KeReleaseSpinLock(&connection->Lock, irql);
    ResumeIfPaused(connection);
    Advance(connection);
    DropReference(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// The oldest list has been sent when its last element has.
static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;
    PWSK_DATA_INDICATION done = NULL;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DeviceObject);
    KeAcquireSpinLock(&connection->Lock, &irql);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        connection->Dead = TRUE;
    } else {
        connection->Current = connection->Current->Next;
        if (connection->Current == NULL) {
            done = connection->Kept[connection->First];
            connection->First = (connection->First + 1) % KEPT_MAX;
            --connection->Count;
        }
    }
    KeReleaseSpinLock(&connection->Lock, irql);
    if (done != NULL) {
        connection->Dispatch->WskRelease(connection->Socket, done);
    }
    KeAcquireSpinLock(&connection->Lock, &irql);
    connection->Sending = FALSE;
    KeReleaseSpinLock(&connection->Lock, irql);
    ResumeIfPaused(connection);
    Advance(connection);
    DropReference(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID MarkDead(PCONNECTION Connection, BOOLEAN SendDone)
{
    KIRQL irql;

    KeAcquireSpinLock(&Connection->Lock, &irql);
    Connection->Dead = TRUE;
    if (SendDone) {
        Connection->Sending = FALSE;
    }
    KeReleaseSpinLock(&Connection->Lock, irql);
    Advance(Connection);
}

static NTSTATUS NTAPI Disconnected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    MarkDead((PCONNECTION)Context, TRUE); // both directions are over
    DropReference((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Events -----------------------------------------------------------------------------------

static NTSTATUS WSKAPI ReceiveEvent(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                    SIZE_T BytesIndicated, SIZE_T *BytesAccepted)
{
    PCONNECTION connection = SocketContext;
    NTSTATUS status = STATUS_PENDING;
    KIRQL irql;

    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(BytesIndicated);
    UNREFERENCED_PARAMETER(BytesAccepted);
    AddReference(connection);
    KeAcquireSpinLock(&connection->Lock, &irql);
    if (DataIndication == NULL || connection->Dead) {
        connection->Dead = TRUE; // the socket no longer works
        status = STATUS_SUCCESS;
    } else if (connection->Count == KEPT_MAX) {
        connection->Paused = TRUE;
        status = STATUS_DATA_NOT_ACCEPTED;
    } else {
        connection->Kept[(connection->First + connection->Count) % KEPT_MAX] = DataIndication;
        ++connection->Count;
    }
    KeReleaseSpinLock(&connection->Lock, irql);
    if (status != STATUS_DATA_NOT_ACCEPTED) {
        Advance(connection);
    }
    DropReference(connection);
    return status;
}

static NTSTATUS WSKAPI DisconnectEvent(PVOID SocketContext, ULONG Flags)
{
    PCONNECTION connection = SocketContext;
    KIRQL irql;

    AddReference(connection);
    KeAcquireSpinLock(&connection->Lock, &irql);
    connection->Finished = TRUE;
    if (Flags & WSK_FLAG_ABORTIVE) {
        connection->Dead = TRUE;
    }
    KeReleaseSpinLock(&connection->Lock, irql);
    Advance(connection);
    DropReference(connection);
    return STATUS_SUCCESS;
}

CONST WSK_CLIENT_CONNECTION_DISPATCH ConnectionDispatch = {ReceiveEvent, DisconnectEvent, NULL};

// ---- End ---------------------------------------------------------------------------------------

static NTSTATUS NTAPI Aborted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    MarkDead((PCONNECTION)Context, FALSE);
    DropReference((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID AbortConnections(VOID)
{
    for (;;) {
        PCONNECTION connection = NULL;
        KIRQL irql;

        KeAcquireSpinLock(&List.Lock, &irql);
        if (!IsListEmpty(&List.Connections)) {
            connection = CONTAINING_RECORD(RemoveHeadList(&List.Connections), CONNECTION, Link);
            connection->Listed = FALSE;
        }
        KeReleaseSpinLock(&List.Lock, irql);
        if (connection == NULL) {
            break;
        }
        AddReference(connection);
        Prepare(connection->AbortIrp, Aborted, connection); // drops the reference of the list
        connection->Dispatch->WskDisconnect(
            connection->Socket, NULL, WSK_FLAG_ABORTIVE, connection->AbortIrp);
        DropReference(connection);
    }
    ExWaitForRundownProtectionRelease(&List.InUse);
}
