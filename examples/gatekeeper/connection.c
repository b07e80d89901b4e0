// SPDX-License-Identifier: MIT
#include "connection.h"

#define TAG_CONNECTION 'CtaG'

static struct {
    EX_RUNDOWN_REF InUse; // one for each CONNECTION that exists
    KSPIN_LOCK Lock;
    LIST_ENTRY Connections; // by Lock
} List;

static IO_COMPLETION_ROUTINE Received, Sent, Disconnected, Drained, Closed, Aborted;

VOID InitializeConnections(VOID)
{
    KeInitializeSpinLock(&List.Lock);
    InitializeListHead(&List.Connections);
    ExInitializeRundownProtection(&List.InUse);
}

// ---- Life ---------------------------------------------------------------------------------------

static VOID Free(PCONNECTION Connection)
{
    if (Connection->OutputMdl != NULL) {
        IoFreeMdl(Connection->OutputMdl);
    }
    if (Connection->InputMdl != NULL) {
        IoFreeMdl(Connection->InputMdl);
    }
    if (Connection->AbortIrp != NULL) {
        IoFreeIrp(Connection->AbortIrp);
    }
    if (Connection->Irp != NULL) {
        IoFreeIrp(Connection->Irp);
    }
    ExFreePoolWithTag(Connection, TAG_CONNECTION);
    ExReleaseRundownProtection(&List.InUse);
}

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
    connection->Irp = IoAllocateIrp(1, FALSE);
    connection->AbortIrp = IoAllocateIrp(1, FALSE);
    connection->InputMdl = IoAllocateMdl(connection->Input, INPUT_MAX, FALSE, FALSE, NULL);
    connection->OutputMdl = IoAllocateMdl(connection->OutputRoom, OUTPUT_MAX, FALSE, FALSE, NULL);
    if (connection->Irp == NULL || connection->AbortIrp == NULL || connection->InputMdl == NULL ||
        connection->OutputMdl == NULL) {
        Free(connection);
        return NULL;
    }
    MmBuildMdlForNonPagedPool(connection->InputMdl);
    MmBuildMdlForNonPagedPool(connection->OutputMdl);
    connection->Output.Buffer = connection->OutputRoom;
    connection->Output.Max = OUTPUT_MAX;
    return connection;
}

static VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context)
{
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
}

static VOID AddReference(PCONNECTION Connection)
{
    InterlockedIncrement(&Connection->References);
}

static VOID DropReference(PCONNECTION Connection)
{
    if (InterlockedDecrement(&Connection->References) == 0) {
        Prepare(Connection->Irp, Closed, Connection);
        Connection->Dispatch->WskCloseSocket(Connection->Socket, Connection->Irp);
    }
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    Free((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

PCONNECTION NewConnection(PWSK_SOCKET Socket, ANSWER *Answer)
{
    PCONNECTION connection = Allocate();
    KIRQL irql;

    if (connection == NULL) {
        return NULL;
    }
    connection->Socket = Socket;
    connection->Dispatch = Socket->Dispatch;
    connection->Answer = Answer;
    connection->References = 2; // its chain of requests, and the list
    connection->Listed = TRUE;
    KeAcquireSpinLock(&List.Lock, &irql);
    InsertTailList(&List.Connections, &connection->Link);
    KeReleaseSpinLock(&List.Lock, irql);
    return connection;
}

// The chain of requests is over.
static VOID End(PCONNECTION Connection)
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
    DropReference(Connection);
}

// ---- The chain of requests ----------------------------------------------------------------------

static VOID Advance(PCONNECTION Connection)
{
    WSK_BUF buffer;

    while (Connection->Output.Length == 0 && !Connection->Leaving &&
           Connection->InputUsed < Connection->InputLength) {
        Connection->Answer(Connection);
    }
    AddReference(Connection);
    buffer.Offset = 0;
    if (Connection->Output.Length > 0) {
        buffer.Mdl = Connection->OutputMdl;
        buffer.Length = Connection->Output.Length;
        Prepare(Connection->Irp, Sent, Connection);
        Connection->Dispatch->WskSend(Connection->Socket, &buffer, 0, Connection->Irp);
    } else if (Connection->Leaving) {
        Prepare(Connection->Irp, Disconnected, Connection);
        Connection->Dispatch->WskDisconnect(Connection->Socket, NULL, 0, Connection->Irp);
    } else {
        buffer.Mdl = Connection->InputMdl;
        buffer.Length = INPUT_MAX;
        Prepare(Connection->Irp, Received, Connection);
        Connection->Dispatch->WskReceive(Connection->Socket, &buffer, 0, Connection->Irp);
    }
    DropReference(Connection);
}

VOID StartConnection(PCONNECTION Connection)
{
    Advance(Connection);
}

static NTSTATUS NTAPI Received(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        End(connection);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    connection->InputUsed = 0;
    connection->InputLength = Irp->IoStatus.Information;
    if (connection->InputLength == 0) {
        connection->PeerFinished = TRUE;
        connection->Leaving = TRUE;
    }
    Advance(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        End(connection);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    connection->Output.Length = 0;
    Advance(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Closing before the peer has finished too would reset the connection, and the peer might lose our last words.
static NTSTATUS NTAPI Disconnected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;
    WSK_BUF nothing = {NULL, 0, 0};

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status) || connection->PeerFinished) {
        End(connection);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    AddReference(connection);
    Prepare(connection->Irp, Drained, connection);
    connection->Dispatch->WskReceive(connection->Socket, &nothing, WSK_FLAG_DRAIN, connection->Irp);
    DropReference(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Drained(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    End((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- End ----------------------------------------------------------------------------------------

static NTSTATUS NTAPI Aborted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    DropReference((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Makes the request of each connection fail, which ends its chain.
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
