// SPDX-License-Identifier: MIT
// proxy: joins each client with a connection that it makes to a target.
//
// Several WskAccept requests are outstanding all the time. Each carries a pair that is ready to be
// used, and its completion routine first puts a new one in its place. WskSocketConnect then makes
// the other connection, and two pipes take bytes from one side to the other (pair.c).
#include "pair.h"

#define ACCEPTS_OUTSTANDING 8

PROXY Proxy;

static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Accepted, Declined, CallDone;

VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context)
{
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
}

// ---- Accept -----------------------------------------------------------------------------------

// Puts a pair's IRP into the queue of WskAccept.
static VOID Accept(PPAIR Pair)
{
    if (!ExAcquireRundownProtection(&Proxy.AcceptCalls)) {
        DropPair(Pair);
        return;
    }
    Prepare(Pair->Irp, Accepted, Pair);
    Proxy.Listen->WskAccept(Proxy.Listener, 0, NULL, NULL, NULL, NULL, Pair->Irp);
    ExReleaseRundownProtection(&Proxy.AcceptCalls);
}

// There is no memory for another pair, or no time: this client is lost, and its memory waits for
// the next.
static NTSTATUS NTAPI Declined(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PPAIR pair = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    pair->Client.Socket = NULL;
    Accept(pair);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Accepted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PPAIR pair = Context;
    PPAIR next;
    NTSTATUS status = Irp->IoStatus.Status;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (status == STATUS_CANCELLED || status == STATUS_FILE_FORCED_CLOSED) {
        if (status == STATUS_FILE_FORCED_CLOSED) {
            DbgPrint("proxy: the listening socket is dead\n");
        }
        DropPair(pair);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    if (!NT_SUCCESS(status)) {
        Accept(pair); // this client was lost, the next one may do better
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    pair->Client.Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
    pair->Client.Dispatch = pair->Client.Socket->Dispatch;
    next = AllocatePair();
    if (next == NULL) {
        Prepare(pair->Irp, Declined, pair);
        pair->Client.Dispatch->WskCloseSocket(pair->Client.Socket, pair->Irp);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    Accept(next);
    StartPair(pair);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Start and end: PASSIVE_LEVEL -------------------------------------------------------------

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
    Proxy.Provider.Dispatch->WskSocket(
        Proxy.Provider.Client, Proxy.Settings.Address.ss_family, SOCK_STREAM, IPPROTO_TCP,
        WSK_FLAG_LISTEN_SOCKET, NULL, NULL, NULL, NULL, NULL, call.Irp);
    status = WaitForCall(&call, &information);
    if (NT_SUCCESS(status)) {
        Proxy.Listener = (PWSK_SOCKET)information;
        Proxy.Listen = Proxy.Listener->Dispatch;
        Proxy.Listen->WskBind(Proxy.Listener, (PSOCKADDR)&Proxy.Settings.Address, 0, call.Irp);
        status = WaitForCall(&call, NULL);
    }
    IoFreeIrp(call.Irp);
    return status;
}

static NTSTATUS StartAccepting(VOID)
{
    ULONG count;

    for (count = 0; count < ACCEPTS_OUTSTANDING; ++count) {
        PPAIR pair = AllocatePair();
        if (pair == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        Accept(pair);
    }
    return STATUS_SUCCESS;
}

// Without memory for an IRP there is no way on but to wait for memory.
static VOID CloseListener(VOID)
{
    CALL call;
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    ExWaitForRundownProtectionRelease(&Proxy.AcceptCalls);
    if (Proxy.Listener == NULL) {
        return;
    }
    while (!NT_SUCCESS(BeginCall(&call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    Proxy.Listen->WskCloseSocket(Proxy.Listener, call.Irp);
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
}

static VOID Stop(VOID)
{
    KIRQL irql;

    KeAcquireSpinLock(&Proxy.Lock, &irql);
    Proxy.Stopping = TRUE;
    KeReleaseSpinLock(&Proxy.Lock, irql);
    CloseListener();
    AbortPairs();
    ExWaitForRundownProtectionRelease(&Proxy.PairsInUse);
    WskReleaseProviderNPI(&Proxy.Registration);
    WskDeregister(&Proxy.Registration);
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

    KeInitializeSpinLock(&Proxy.Lock);
    InitializeListHead(&Proxy.Pairs);
    ExInitializeRundownProtection(&Proxy.AcceptCalls);
    ExInitializeRundownProtection(&Proxy.PairsInUse);
    status = ReadSettings(RegistryPath, &Proxy.Settings);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskRegister(&client, &Proxy.Registration);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskCaptureProviderNPI(&Proxy.Registration, WSK_INFINITE_WAIT, &Proxy.Provider);
    if (!NT_SUCCESS(status)) {
        WskDeregister(&Proxy.Registration);
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
