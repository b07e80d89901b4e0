// SPDX-License-Identifier: MIT
// echo_irp: an echo server that does everything with IRPs.
//
// Several WskAccept requests are outstanding all the time. Each carries a connection that is ready to
// be used, and its completion routine first puts a new one in its place. A connection then repeats
// WskReceive and WskSend with one IRP, until the client ends: WskDisconnect, WskCloseSocket.
//
// A connection lives while it is referenced:
//   by its chain of requests, from the accept to the disconnect or the first failure,
//   by the list of connections; DriverUnload takes this one over when it aborts the connection,
//   by every call in progress, because WskCloseSocket must not run beside another call.
// Whoever drops the last reference closes the socket.
#include "settings.h"

#define TAG_CONNECTION 'CirE'
#define TAG_BUFFER 'BirE'
#define ACCEPTS_OUTSTANDING 8
#define DEFAULT_PORT 5001

typedef struct _CONNECTION {
    LIST_ENTRY Link; // in Server.Connections while Listed
    LONG References;
    PWSK_SOCKET Socket; // NULL until accepted
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    PIRP Irp;      // accept, receive, send, disconnect, close: one after another
    PIRP AbortIrp; // DriverUnload's
    PMDL Mdl;
    PVOID Buffer;
    BOOLEAN Listed;
} CONNECTION, *PCONNECTION;

static struct {
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    SETTINGS Settings;
    PWSK_SOCKET Listener;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *Listen;
    EX_RUNDOWN_REF AcceptCalls;   // calls of WskAccept in progress
    EX_RUNDOWN_REF ConnectionsInUse; // one for each CONNECTION that exists
    KSPIN_LOCK Lock;
    LIST_ENTRY Connections; // by Lock
    BOOLEAN Stopping;       // by Lock
} Server;

static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Accepted, Declined, Received, Sent, Disconnected, Closed, Aborted, CallDone;

static VOID Receive(PCONNECTION Connection);

// ---- Connections ------------------------------------------------------------------------------

static VOID Free(PCONNECTION Connection)
{
    if (Connection->Mdl != NULL) {
        IoFreeMdl(Connection->Mdl);
    }
    if (Connection->Buffer != NULL) {
        ExFreePoolWithTag(Connection->Buffer, TAG_BUFFER);
    }
    if (Connection->AbortIrp != NULL) {
        IoFreeIrp(Connection->AbortIrp);
    }
    if (Connection->Irp != NULL) {
        IoFreeIrp(Connection->Irp);
    }
    ExFreePoolWithTag(Connection, TAG_CONNECTION);
    ExReleaseRundownProtection(&Server.ConnectionsInUse);
}

// NULL: out of memory, or the driver is being unloaded.
static PCONNECTION Allocate(VOID)
{
    PCONNECTION connection;
    SIZE_T size = Server.Settings.BufferSize;

    if (!ExAcquireRundownProtection(&Server.ConnectionsInUse)) {
        return NULL;
    }
    connection = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*connection), TAG_CONNECTION);
    if (connection == NULL) {
        ExReleaseRundownProtection(&Server.ConnectionsInUse);
        return NULL;
    }
    connection->References = 1;
    connection->Irp = IoAllocateIrp(1, FALSE);
    connection->AbortIrp = IoAllocateIrp(1, FALSE);
    connection->Buffer = ExAllocatePoolUninitialized(NonPagedPoolNx, size, TAG_BUFFER);
    if (connection->Buffer != NULL) {
        connection->Mdl = IoAllocateMdl(connection->Buffer, (ULONG)size, FALSE, FALSE, NULL);
    }
    if (connection->Irp == NULL || connection->AbortIrp == NULL || connection->Mdl == NULL) {
        Free(connection);
        return NULL;
    }
    MmBuildMdlForNonPagedPool(connection->Mdl);
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
    if (InterlockedDecrement(&Connection->References) > 0) {
        return;
    }
    if (Connection->Socket == NULL) {
        Free(Connection);
        return;
    }
    Prepare(Connection->Irp, Closed, Connection);
    Connection->Dispatch->WskCloseSocket(Connection->Socket, Connection->Irp);
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    Free((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// False when the driver is being unloaded.
static BOOLEAN Enlist(PCONNECTION Connection)
{
    BOOLEAN stopping;
    KIRQL irql;

    KeAcquireSpinLock(&Server.Lock, &irql);
    stopping = Server.Stopping;
    if (!stopping) {
        AddReference(Connection);
        InsertTailList(&Server.Connections, &Connection->Link);
        Connection->Listed = TRUE;
    }
    KeReleaseSpinLock(&Server.Lock, irql);
    return !stopping;
}

// The chain of requests is over.
static VOID End(PCONNECTION Connection)
{
    BOOLEAN listed;
    KIRQL irql;

    KeAcquireSpinLock(&Server.Lock, &irql);
    listed = Connection->Listed;
    if (listed) {
        RemoveEntryList(&Connection->Link);
        Connection->Listed = FALSE;
    }
    KeReleaseSpinLock(&Server.Lock, irql);
    if (listed) {
        DropReference(Connection);
    }
    DropReference(Connection);
}

// ---- Receive, send, disconnect ----------------------------------------------------------------

static VOID Receive(PCONNECTION Connection)
{
    WSK_BUF buffer = {Connection->Mdl, 0, Server.Settings.BufferSize};

    AddReference(Connection);
    Prepare(Connection->Irp, Received, Connection);
    Connection->Dispatch->WskReceive(Connection->Socket, &buffer, 0, Connection->Irp);
    DropReference(Connection);
}

static VOID Send(PCONNECTION Connection, SIZE_T Length)
{
    WSK_BUF buffer = {Connection->Mdl, 0, Length};

    AddReference(Connection);
    Prepare(Connection->Irp, Sent, Connection);
    Connection->Dispatch->WskSend(Connection->Socket, &buffer, 0, Connection->Irp);
    DropReference(Connection);
}

static VOID Disconnect(PCONNECTION Connection)
{
    AddReference(Connection);
    Prepare(Connection->Irp, Disconnected, Connection);
    Connection->Dispatch->WskDisconnect(Connection->Socket, NULL, 0, Connection->Irp);
    DropReference(Connection);
}

static NTSTATUS NTAPI Received(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        End(connection); // reset by the client, or aborted by DriverUnload
    } else if (Irp->IoStatus.Information == 0) {
        Disconnect(connection); // the client has sent everything, and it has all been sent back
    } else {
        Send(connection, Irp->IoStatus.Information);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (NT_SUCCESS(Irp->IoStatus.Status)) {
        Receive(connection);
    } else {
        End(connection);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Disconnected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    End((PCONNECTION)Context); // closing a connection that is not fully disconnected aborts it
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Accept -----------------------------------------------------------------------------------

// Puts a connection's IRP into the queue of WskAccept.
static VOID Accept(PCONNECTION Connection)
{
    if (!ExAcquireRundownProtection(&Server.AcceptCalls)) {
        DropReference(Connection);
        return;
    }
    Prepare(Connection->Irp, Accepted, Connection);
    Server.Listen->WskAccept(Server.Listener, 0, NULL, NULL, NULL, NULL, Connection->Irp);
    ExReleaseRundownProtection(&Server.AcceptCalls);
}

// There is no memory for another connection, or no time: this one is closed, and its memory waits for the next.
static NTSTATUS NTAPI Declined(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    connection->Socket = NULL;
    Accept(connection);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Accepted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCONNECTION connection = Context;
    PCONNECTION next;
    NTSTATUS status = Irp->IoStatus.Status;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (status == STATUS_CANCELLED || status == STATUS_FILE_FORCED_CLOSED) {
        if (status == STATUS_FILE_FORCED_CLOSED) {
            DbgPrint("echo_irp: the listening socket is dead\n");
        }
        DropReference(connection);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    if (!NT_SUCCESS(status)) {
        Accept(connection); // this client was lost, the next one may do better
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    connection->Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
    connection->Dispatch = connection->Socket->Dispatch;
    next = Allocate();
    if (next != NULL) {
        Accept(next);
    } else {
        Prepare(connection->Irp, Declined, connection);
        connection->Dispatch->WskCloseSocket(connection->Socket, connection->Irp);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    if (Enlist(connection)) {
        Receive(connection);
    } else {
        DropReference(connection);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Start and end: PASSIVE_LEVEL ---------------------------------------------------------------

typedef struct _CALL {
    KEVENT Done;
    PIRP Irp;
} CALL, *PCALL;

static NTSTATUS NTAPI CallDone(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent(&((PCALL)Context)->Done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS BeginCall(PCALL Call)
{
    Call->Irp = IoAllocateIrp(1, FALSE);
    if (Call->Irp == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(&Call->Done, SynchronizationEvent, FALSE);
    IoSetCompletionRoutine(Call->Irp, CallDone, Call, TRUE, TRUE, TRUE);
    return STATUS_SUCCESS;
}

// Whatever the call returned: the IRP tells the result. It is good for another call afterwards.
static NTSTATUS WaitForCall(PCALL Call, PULONG_PTR Information)
{
    NTSTATUS status;

    KeWaitForSingleObject(&Call->Done, Executive, KernelMode, FALSE, NULL);
    status = Call->Irp->IoStatus.Status;
    if (Information != NULL) {
        *Information = Call->Irp->IoStatus.Information;
    }
    Prepare(Call->Irp, CallDone, Call);
    return status;
}

static NTSTATUS Listen(VOID)
{
    CALL call;
    ULONG_PTR information;
    NTSTATUS status = BeginCall(&call);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    Server.Provider.Dispatch->WskSocket(
        Server.Provider.Client, Server.Settings.Address.ss_family, SOCK_STREAM, IPPROTO_TCP,
        WSK_FLAG_LISTEN_SOCKET, NULL, NULL, NULL, NULL, NULL, call.Irp);
    status = WaitForCall(&call, &information);
    if (NT_SUCCESS(status)) {
        Server.Listener = (PWSK_SOCKET)information;
        Server.Listen = Server.Listener->Dispatch;
        Server.Listen->WskBind(Server.Listener, (PSOCKADDR)&Server.Settings.Address, 0, call.Irp);
        status = WaitForCall(&call, NULL);
    }
    IoFreeIrp(call.Irp);
    return status;
}

static NTSTATUS StartAccepting(VOID)
{
    ULONG count;

    for (count = 0; count < ACCEPTS_OUTSTANDING; ++count) {
        PCONNECTION connection = Allocate();
        if (connection == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        Accept(connection);
    }
    return STATUS_SUCCESS;
}

// Without memory for an IRP there is no way on but to wait for memory.
static VOID CloseListener(VOID)
{
    CALL call;
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    ExWaitForRundownProtectionRelease(&Server.AcceptCalls);
    if (Server.Listener == NULL) {
        return;
    }
    while (!NT_SUCCESS(BeginCall(&call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    Server.Listen->WskCloseSocket(Server.Listener, call.Irp);
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
}

static NTSTATUS NTAPI Aborted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    DropReference((PCONNECTION)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Makes the request of each connection fail, which ends its chain.
static VOID AbortConnections(VOID)
{
    for (;;) {
        PCONNECTION connection = NULL;
        KIRQL irql;

        KeAcquireSpinLock(&Server.Lock, &irql);
        if (!IsListEmpty(&Server.Connections)) {
            connection = CONTAINING_RECORD(RemoveHeadList(&Server.Connections), CONNECTION, Link);
            connection->Listed = FALSE;
        }
        KeReleaseSpinLock(&Server.Lock, irql);
        if (connection == NULL) {
            return;
        }
        AddReference(connection);
        Prepare(connection->AbortIrp, Aborted, connection); // drops the reference of the list
        connection->Dispatch->WskDisconnect(
            connection->Socket, NULL, WSK_FLAG_ABORTIVE, connection->AbortIrp);
        DropReference(connection);
    }
}

static VOID Stop(VOID)
{
    KIRQL irql;

    KeAcquireSpinLock(&Server.Lock, &irql);
    Server.Stopping = TRUE;
    KeReleaseSpinLock(&Server.Lock, irql);
    CloseListener();
    AbortConnections();
    ExWaitForRundownProtectionRelease(&Server.ConnectionsInUse);
    WskReleaseProviderNPI(&Server.Registration);
    WskDeregister(&Server.Registration);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    Stop();
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &ClientDispatch};
    NTSTATUS status;

    KeInitializeSpinLock(&Server.Lock);
    InitializeListHead(&Server.Connections);
    ExInitializeRundownProtection(&Server.AcceptCalls);
    ExInitializeRundownProtection(&Server.ConnectionsInUse);
    status = ReadSettings(RegistryPath, DEFAULT_PORT, &Server.Settings);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskRegister(&client, &Server.Registration);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskCaptureProviderNPI(&Server.Registration, WSK_INFINITE_WAIT, &Server.Provider);
    if (!NT_SUCCESS(status)) {
        WskDeregister(&Server.Registration);
        return status;
    }
    status = Listen();
    if (NT_SUCCESS(status)) {
        status = StartAccepting();
    }
    if (!NT_SUCCESS(status)) {
        Stop();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
