// SPDX-License-Identifier: MIT
// greeter: tells each visitor its number and ends the connection.
//
// A visitor has one IRP, which sends, disconnects and closes in turn; whatever fails on the way, the
// last step is always WskCloseSocket. Unloading waits for those who are still being greeted.
#include <ntddk.h>
#include <ntstrsafe.h>
#include <wsk.h>

#define GREETER_PORT 5017
#define TAG_VISITOR 'tiVG'

typedef struct _VISITOR {
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    PIRP Irp;
    PMDL Mdl;
    WSK_BUF Buffer;
    CHAR Text[48];
} VISITOR, *PVISITOR;

static struct {
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    PWSK_SOCKET Listener;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *Listen;
    EX_RUNDOWN_REF Visitors; // one for each VISITOR that exists
    volatile LONG Count;
} Greeter;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Sent, Disconnected, Closed, CallDone;

// ---- A visitor ----------------------------------------------------------------------------------

static VOID FreeVisitor(PVISITOR Visitor)
{
    if (Visitor->Mdl != NULL) {
        IoFreeMdl(Visitor->Mdl);
    }
    if (Visitor->Irp != NULL) {
        IoFreeIrp(Visitor->Irp);
    }
    ExFreePoolWithTag(Visitor, TAG_VISITOR);
    ExReleaseRundownProtection(&Greeter.Visitors);
}

// NULL: out of memory, or the driver is being unloaded.
static PVISITOR NewVisitor(PWSK_SOCKET Socket)
{
    PVISITOR visitor;

    if (!ExAcquireRundownProtection(&Greeter.Visitors)) {
        return NULL;
    }
    visitor = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*visitor), TAG_VISITOR);
    if (visitor == NULL) {
        ExReleaseRundownProtection(&Greeter.Visitors);
        return NULL;
    }
    visitor->Socket = Socket;
    visitor->Dispatch = Socket->Dispatch;
    visitor->Irp = IoAllocateIrp(1, FALSE);
    visitor->Mdl = IoAllocateMdl(visitor->Text, sizeof(visitor->Text), FALSE, FALSE, NULL);
    if (visitor->Irp == NULL || visitor->Mdl == NULL) {
        FreeVisitor(visitor);
        return NULL;
    }
    MmBuildMdlForNonPagedPool(visitor->Mdl);
    return visitor;
}

static VOID Prepare(PVISITOR Visitor, PIO_COMPLETION_ROUTINE Routine)
{
    IoReuseIrp(Visitor->Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Visitor->Irp, Routine, Visitor, TRUE, TRUE, TRUE);
}

static VOID Greet(PVISITOR Visitor)
{
    size_t length = 0;

    RtlStringCbPrintfA(Visitor->Text, sizeof(Visitor->Text), "hello, visitor %d\n",
                       (int)InterlockedIncrement(&Greeter.Count));
    RtlStringCbLengthA(Visitor->Text, sizeof(Visitor->Text), &length);
    Visitor->Buffer.Mdl = Visitor->Mdl;
    Visitor->Buffer.Offset = 0;
    Visitor->Buffer.Length = length;
    Prepare(Visitor, Sent);
    Visitor->Dispatch->WskSend(Visitor->Socket, &Visitor->Buffer, 0, Visitor->Irp);
}

static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PVISITOR visitor = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (NT_SUCCESS(Irp->IoStatus.Status)) {
        Prepare(visitor, Disconnected);
        visitor->Dispatch->WskDisconnect(visitor->Socket, NULL, 0, Irp);
    } else {
        Prepare(visitor, Closed);
        visitor->Dispatch->WskCloseSocket(visitor->Socket, Irp);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Disconnected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PVISITOR visitor = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    Prepare(visitor, Closed);
    visitor->Dispatch->WskCloseSocket(visitor->Socket, Irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    FreeVisitor(Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    PVISITOR visitor;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    if (AcceptSocket == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED; // the listening socket is dead
    }
    visitor = NewVisitor(AcceptSocket);
    if (visitor == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED; // the provider closes the socket
    }
    *AcceptSocketContext = NULL;
    *AcceptSocketDispatch = NULL;
    Greet(visitor);
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_LISTEN_DISPATCH ListenDispatch = {AcceptEvent, NULL, NULL};
static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

// ---- Start and end: PASSIVE_LEVEL -----------------------------------------------------------------

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
    IoReuseIrp(Call->Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Call->Irp, CallDone, Call, TRUE, TRUE, TRUE);
    return status;
}

static NTSTATUS EnableAcceptEvent(VOID)
{
    NPIID wsk = NPI_WSK_INTERFACE_ID;
    WSK_EVENT_CALLBACK_CONTROL control;

    control.NpiId = &wsk;
    control.EventMask = WSK_EVENT_ACCEPT;
    return Greeter.Listen->WskControlSocket(Greeter.Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                            sizeof(control), &control, 0, NULL, NULL, NULL);
}

static NTSTATUS Listen(VOID)
{
    CALL call;
    SOCKADDR_IN address = {0};
    ULONG_PTR information;
    NTSTATUS status = BeginCall(&call);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    address.sin_family = AF_INET;
    address.sin_port = RtlUshortByteSwap(GREETER_PORT);
    Greeter.Provider.Dispatch->WskSocket(Greeter.Provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                                         WSK_FLAG_LISTEN_SOCKET, NULL, &ListenDispatch, NULL, NULL, NULL, call.Irp);
    status = WaitForCall(&call, &information);
    if (NT_SUCCESS(status)) {
        Greeter.Listener = (PWSK_SOCKET)information;
        Greeter.Listen = Greeter.Listener->Dispatch;
        Greeter.Listen->WskBind(Greeter.Listener, (PSOCKADDR)&address, 0, call.Irp);
        status = WaitForCall(&call, NULL);
    }
    IoFreeIrp(call.Irp);
    return NT_SUCCESS(status) ? EnableAcceptEvent() : status;
}

// Without memory for an IRP there is no way on but to wait for memory.
static VOID CloseListener(VOID)
{
    CALL call;
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    if (Greeter.Listener == NULL) {
        return;
    }
    while (!NT_SUCCESS(BeginCall(&call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    Greeter.Listen->WskCloseSocket(Greeter.Listener, call.Irp); // no accept event comes after that
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
    Greeter.Listener = NULL;
}

static VOID Stop(VOID)
{
    CloseListener();
    ExWaitForRundownProtectionRelease(&Greeter.Visitors);
    WskReleaseProviderNPI(&Greeter.Registration);
    WskDeregister(&Greeter.Registration);
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

    UNREFERENCED_PARAMETER(RegistryPath);
    ExInitializeRundownProtection(&Greeter.Visitors);
    Greeter.Listener = NULL;
    Greeter.Count = 0;
    status = WskRegister(&client, &Greeter.Registration);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskCaptureProviderNPI(&Greeter.Registration, WSK_INFINITE_WAIT, &Greeter.Provider);
    if (!NT_SUCCESS(status)) {
        WskDeregister(&Greeter.Registration);
        return status;
    }
    status = Listen();
    if (!NT_SUCCESS(status)) {
        Stop();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
