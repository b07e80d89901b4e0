// SPDX-License-Identifier: MIT
// A pair lives while it is referenced:
//   by its chain of requests, until the target is connected, and by each pipe from then on,
//   by the list of pairs,
//   by every call in progress, because WskCloseSocket must not run beside another call.
// Whoever drops the last reference closes both sockets, one after the other.
#include "pair.h"

#define TAG_PAIR 'riaP'
#define TAG_BUFFER 'fuBP'

static IO_COMPLETION_ROUTINE Connected, Received, Sent, Disconnected, Closed, AbortDone;

// ---- Memory -----------------------------------------------------------------------------------

static VOID FreeSide(PSIDE Side)
{
    if (Side->Mdl != NULL) {
        IoFreeMdl(Side->Mdl);
    }
    if (Side->Buffer != NULL) {
        ExFreePoolWithTag(Side->Buffer, TAG_BUFFER);
    }
    if (Side->AbortIrp != NULL) {
        IoFreeIrp(Side->AbortIrp);
    }
    if (Side->Irp != NULL) {
        IoFreeIrp(Side->Irp);
    }
}

static VOID FreePair(PPAIR Pair)
{
    FreeSide(&Pair->Client);
    FreeSide(&Pair->Target);
    if (Pair->Irp != NULL) {
        IoFreeIrp(Pair->Irp);
    }
    ExFreePoolWithTag(Pair, TAG_PAIR);
    ExReleaseRundownProtection(&Proxy.PairsInUse);
}

static BOOLEAN AllocateSide(PPAIR Pair, PSIDE Side, PSIDE Other)
{
    SIZE_T size = Proxy.Settings.BufferSize;

    Side->Pair = Pair;
    Side->Other = Other;
    Side->Irp = IoAllocateIrp(1, FALSE);
    Side->AbortIrp = IoAllocateIrp(1, FALSE);
    Side->Buffer = ExAllocatePoolUninitialized(NonPagedPoolNx, size, TAG_BUFFER);
    if (Side->Buffer != NULL) {
        Side->Mdl = IoAllocateMdl(Side->Buffer, (ULONG)size, FALSE, FALSE, NULL);
    }
    if (Side->Irp == NULL || Side->AbortIrp == NULL || Side->Mdl == NULL) {
        return FALSE;
    }
    MmBuildMdlForNonPagedPool(Side->Mdl);
    return TRUE;
}

PPAIR AllocatePair(VOID)
{
    PPAIR pair;

    if (!ExAcquireRundownProtection(&Proxy.PairsInUse)) {
        return NULL;
    }
    pair = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*pair), TAG_PAIR);
    if (pair == NULL) {
        ExReleaseRundownProtection(&Proxy.PairsInUse);
        return NULL;
    }
    pair->References = 1;
    pair->Irp = IoAllocateIrp(1, FALSE);
    if (pair->Irp == NULL || !AllocateSide(pair, &pair->Client, &pair->Target) ||
        !AllocateSide(pair, &pair->Target, &pair->Client)) {
        FreePair(pair);
        return NULL;
    }
    return pair;
}

// ---- References -------------------------------------------------------------------------------

static VOID AddReference(PPAIR Pair)
{
    InterlockedIncrement(&Pair->References);
}

static VOID CloseNext(PPAIR Pair)
{
    PSIDE side = Pair->Target.Socket != NULL ? &Pair->Target : &Pair->Client;
    PWSK_SOCKET socket = side->Socket;

    if (socket == NULL) {
        FreePair(Pair);
        return;
    }
    side->Socket = NULL;
    Prepare(Pair->Irp, Closed, Pair);
    side->Dispatch->WskCloseSocket(socket, Pair->Irp);
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    CloseNext((PPAIR)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID DropPair(PPAIR Pair)
{
    if (InterlockedDecrement(&Pair->References) == 0) {
        CloseNext(Pair);
    }
}

// False when the driver is being unloaded.
static BOOLEAN Enlist(PPAIR Pair)
{
    BOOLEAN stopping;
    KIRQL irql;

    KeAcquireSpinLock(&Proxy.Lock, &irql);
    stopping = Proxy.Stopping;
    if (!stopping) {
        AddReference(Pair);
        InsertTailList(&Proxy.Pairs, &Pair->Link);
        Pair->Listed = TRUE;
        Pair->Connecting = TRUE;
    }
    KeReleaseSpinLock(&Proxy.Lock, irql);
    return !stopping;
}

// Nothing is going to happen to the pair any more but its end.
static VOID Delist(PPAIR Pair)
{
    BOOLEAN listed;
    KIRQL irql;

    KeAcquireSpinLock(&Proxy.Lock, &irql);
    listed = Pair->Listed;
    if (listed) {
        RemoveEntryList(&Pair->Link);
        Pair->Listed = FALSE;
    }
    KeReleaseSpinLock(&Proxy.Lock, irql);
    if (listed) {
        DropPair(Pair);
    }
}

// ---- Abort ------------------------------------------------------------------------------------

static NTSTATUS NTAPI AbortDone(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    DropPair((PPAIR)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID AbortSide(PSIDE Side)
{
    if (Side->Socket == NULL) {
        return; // the target was not connected
    }
    AddReference(Side->Pair);
    AddReference(Side->Pair);
    Prepare(Side->AbortIrp, AbortDone, Side->Pair);
    Side->Dispatch->WskDisconnect(Side->Socket, NULL, WSK_FLAG_ABORTIVE, Side->AbortIrp);
    DropPair(Side->Pair);
}

// Makes the requests of the pair fail, which ends it. The caller has a reference.
static VOID AbortPair(PPAIR Pair)
{
    BOOLEAN first, connecting;
    KIRQL irql;

    KeAcquireSpinLock(&Proxy.Lock, &irql);
    first = !Pair->Aborted;
    Pair->Aborted = TRUE;
    connecting = Pair->Connecting;
    KeReleaseSpinLock(&Proxy.Lock, irql);
    if (!first) {
        return;
    }
    if (connecting) {
        // Without effect if it has just completed: then Connected sees that the pair is aborted.
        IoCancelIrp(Pair->Irp);
    } else {
        AbortSide(&Pair->Client);
        AbortSide(&Pair->Target);
    }
}

VOID AbortPairs(VOID)
{
    for (;;) {
        PPAIR pair = NULL;
        KIRQL irql;

        KeAcquireSpinLock(&Proxy.Lock, &irql);
        if (!IsListEmpty(&Proxy.Pairs)) {
            pair = CONTAINING_RECORD(RemoveHeadList(&Proxy.Pairs), PAIR, Link);
            pair->Listed = FALSE;
        }
        KeReleaseSpinLock(&Proxy.Lock, irql);
        if (pair == NULL) {
            return;
        }
        AbortPair(pair);
        DropPair(pair); // that of the list
    }
}

// ---- Pipes ------------------------------------------------------------------------------------

static VOID Receive(PSIDE Side)
{
    WSK_BUF buffer = {Side->Mdl, 0, Proxy.Settings.BufferSize};

    AddReference(Side->Pair);
    Prepare(Side->Irp, Received, Side);
    Side->Dispatch->WskReceive(Side->Socket, &buffer, 0, Side->Irp);
    DropPair(Side->Pair);
}

// Nothing more is received meanwhile: a slow reader slows the writer down.
static VOID SendOn(PSIDE Side, SIZE_T Length)
{
    WSK_BUF buffer = {Side->Mdl, 0, Length};

    AddReference(Side->Pair);
    Prepare(Side->Irp, Sent, Side);
    Side->Other->Dispatch->WskSend(Side->Other->Socket, &buffer, 0, Side->Irp);
    DropPair(Side->Pair);
}

static VOID FinishOther(PSIDE Side)
{
    AddReference(Side->Pair);
    Prepare(Side->Irp, Disconnected, Side);
    Side->Other->Dispatch->WskDisconnect(Side->Other->Socket, NULL, 0, Side->Irp);
    DropPair(Side->Pair);
}

static VOID EndPipe(PSIDE Side, BOOLEAN Failed)
{
    PPAIR pair = Side->Pair;

    if (Failed) {
        AbortPair(pair);
    }
    if (InterlockedDecrement(&pair->Pipes) == 0) {
        Delist(pair);
    }
    DropPair(pair);
}

static NTSTATUS NTAPI Received(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PSIDE side = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        EndPipe(side, TRUE);
    } else if (Irp->IoStatus.Information == 0) {
        FinishOther(side); // all that was received here has been sent there
    } else {
        SendOn(side, Irp->IoStatus.Information);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (NT_SUCCESS(Irp->IoStatus.Status)) {
        Receive((PSIDE)Context);
    } else {
        EndPipe((PSIDE)Context, TRUE);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Disconnected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    EndPipe((PSIDE)Context, !NT_SUCCESS(Irp->IoStatus.Status));
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Connecting -------------------------------------------------------------------------------

static NTSTATUS NTAPI Connected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PPAIR pair = Context;
    NTSTATUS status = Irp->IoStatus.Status;
    BOOLEAN aborted;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (NT_SUCCESS(status)) {
        pair->Target.Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
        pair->Target.Dispatch = pair->Target.Socket->Dispatch;
    } else if (status != STATUS_CANCELLED) {
        DbgPrint("proxy: the target cannot be connected: 0x%08X\n", status);
    }
    pair->Pipes = 2;
    KeAcquireSpinLock(&Proxy.Lock, &irql);
    pair->Connecting = FALSE;
    aborted = pair->Aborted;
    KeReleaseSpinLock(&Proxy.Lock, irql);
    if (!NT_SUCCESS(status) || aborted) {
        Delist(pair);
        DropPair(pair); // the client's connection is closed, and so reset
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    AddReference(pair); // the first pipe has that of the chain of requests
    Receive(&pair->Client);
    Receive(&pair->Target);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID StartPair(PPAIR Pair)
{
    SOCKADDR_STORAGE any;

    // Before AbortPairs can find it, and cancel the IRP.
    Prepare(Pair->Irp, Connected, Pair);
    if (!Enlist(Pair)) {
        DropPair(Pair);
        return;
    }
    RtlZeroMemory(&any, sizeof(any));
    any.ss_family = Proxy.Settings.Target.ss_family;
    AddReference(Pair);
    Proxy.Provider.Dispatch->WskSocketConnect(
        Proxy.Provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&any,
        (PSOCKADDR)&Proxy.Settings.Target, 0, NULL, NULL, NULL, NULL, NULL, Pair->Irp);
    DropPair(Pair);
}
