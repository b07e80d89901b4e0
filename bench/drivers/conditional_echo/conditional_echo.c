// SPDX-License-Identifier: MIT
// conditional_echo: echo_event with conditional accept, where every request is accepted at once.
//
// Beside echo_event it shows what the inspection costs: the sources of the connections are the same.
#include "connection.h"
#include "settings.h"

#define DEFAULT_PORT 5003

static struct {
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    SETTINGS Settings;
    PWSK_SOCKET Listener;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *Listen;
} Server;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE CallDone;

static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    PCONNECTION connection;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    if (AcceptSocket == NULL) {
        DbgPrint("conditional_echo: the listening socket is dead\n");
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    connection = NewConnection(AcceptSocket);
    if (connection == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED; // the provider closes the socket
    }
    *AcceptSocketContext = connection;
    *AcceptSocketDispatch = &ConnectionDispatch;
    return STATUS_SUCCESS;
}

static WSK_INSPECT_ACTION WSKAPI InspectEvent(PVOID SocketContext, PSOCKADDR LocalAddress,
                                              PSOCKADDR RemoteAddress, PWSK_INSPECT_ID InspectID)
{
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    // Without an id it is the listening socket that is dead, and the answer counts for nothing.
    return InspectID != NULL ? WskInspectAccept : WskInspectReject;
}

static NTSTATUS WSKAPI AbortEvent(PVOID SocketContext, PWSK_INSPECT_ID InspectID)
{
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(InspectID);
    return STATUS_SUCCESS; // nothing is kept for a request
}

static CONST WSK_CLIENT_LISTEN_DISPATCH ListenDispatch = {AcceptEvent, InspectEvent, AbortEvent};
static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

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

// Every request is inspected from now on; this can only be said before WskBind.
static NTSTATUS SetConditionalAccept(PCALL Call)
{
    ULONG on = 1;

    Server.Listen->WskControlSocket(Server.Listener, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET,
                                    sizeof(on), &on, 0, NULL, NULL, Call->Irp);
    return WaitForCall(Call, NULL);
}

static NTSTATUS EnableEvents(VOID)
{
    NPIID wsk = NPI_WSK_INTERFACE_ID;
    WSK_EVENT_CALLBACK_CONTROL control;

    control.NpiId = &wsk;
    control.EventMask = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT;
    return Server.Listen->WskControlSocket(Server.Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                           sizeof(control), &control, 0, NULL, NULL, NULL);
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
        WSK_FLAG_LISTEN_SOCKET, NULL, &ListenDispatch, NULL, NULL, NULL, call.Irp);
    status = WaitForCall(&call, &information);
    if (NT_SUCCESS(status)) {
        Server.Listener = (PWSK_SOCKET)information;
        Server.Listen = Server.Listener->Dispatch;
        status = SetConditionalAccept(&call);
    }
    if (NT_SUCCESS(status)) {
        Server.Listen->WskBind(Server.Listener, (PSOCKADDR)&Server.Settings.Address, 0, call.Irp);
        status = WaitForCall(&call, NULL);
    }
    IoFreeIrp(call.Irp);
    return NT_SUCCESS(status) ? EnableEvents() : status;
}

// Without memory for an IRP there is no way on but to wait for memory.
static VOID CloseListener(VOID)
{
    CALL call;
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    if (Server.Listener == NULL) {
        return;
    }
    while (!NT_SUCCESS(BeginCall(&call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    Server.Listen->WskCloseSocket(Server.Listener, call.Irp); // no accept event comes after that
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
}

static VOID Stop(VOID)
{
    CloseListener();
    AbortConnections();
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

    InitializeConnections();
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
    if (!NT_SUCCESS(status)) {
        Stop();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
