// SPDX-License-Identifier: MIT
// Start and end of the driver: everything here runs at PASSIVE_LEVEL, but for the completion routine.
#include "gatekeeper.h"

#include "connection.h"
#include "requests.h"
#include "settings.h"

LISTENER ClientListener;
LISTENER OperatorListener;

static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Provider;
static SETTINGS Settings;
static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE CallDone;

BOOLEAN BeginListenerCall(PLISTENER Listener)
{
    return ExAcquireRundownProtection(&Listener->Calls);
}

VOID EndListenerCall(PLISTENER Listener)
{
    ExReleaseRundownProtection(&Listener->Calls);
}

// ---- Calls that are waited for --------------------------------------------------------------------

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

// ---- Listening sockets ----------------------------------------------------------------------------

static NTSTATUS Create(PLISTENER Listener, PCALL Call, ADDRESS_FAMILY Family,
                       CONST WSK_CLIENT_LISTEN_DISPATCH *Dispatch)
{
    ULONG_PTR information;
    NTSTATUS status;

    Provider.Dispatch->WskSocket(Provider.Client, Family, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
                                 NULL, Dispatch, NULL, NULL, NULL, Call->Irp);
    status = WaitForCall(Call, &information);
    if (NT_SUCCESS(status)) {
        Listener->Socket = (PWSK_SOCKET)information;
        Listener->Dispatch = Listener->Socket->Dispatch;
    }
    return status;
}

// Every request is inspected from now on; this can only be said before WskBind.
static NTSTATUS SetConditionalAccept(PLISTENER Listener, PCALL Call)
{
    ULONG on = 1;

    Listener->Dispatch->WskControlSocket(Listener->Socket, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET,
                                         sizeof(on), &on, 0, NULL, NULL, Call->Irp);
    return WaitForCall(Call, NULL);
}

static NTSTATUS EnableAcceptEvent(PLISTENER Listener)
{
    NPIID wsk = NPI_WSK_INTERFACE_ID;
    WSK_EVENT_CALLBACK_CONTROL control;

    control.NpiId = &wsk;
    control.EventMask = WSK_EVENT_ACCEPT;
    return Listener->Dispatch->WskControlSocket(Listener->Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                                SOL_SOCKET, sizeof(control), &control, 0, NULL, NULL, NULL);
}

static NTSTATUS Listen(PLISTENER Listener, PSOCKADDR_STORAGE Address,
                       CONST WSK_CLIENT_LISTEN_DISPATCH *Dispatch)
{
    CALL call;
    NTSTATUS status = BeginCall(&call);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = Create(Listener, &call, Address->ss_family, Dispatch);
    if (NT_SUCCESS(status) && Dispatch->WskInspectEvent != NULL) {
        status = SetConditionalAccept(Listener, &call);
    }
    if (NT_SUCCESS(status)) {
        Listener->Dispatch->WskBind(Listener->Socket, (PSOCKADDR)Address, 0, call.Irp);
        status = WaitForCall(&call, NULL);
    }
    IoFreeIrp(call.Irp);
    return NT_SUCCESS(status) ? EnableAcceptEvent(Listener) : status;
}

// Without memory for an IRP there is no way on but to wait for memory.
static VOID CloseListener(PLISTENER Listener)
{
    CALL call;
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    ExWaitForRundownProtectionRelease(&Listener->Calls);
    if (Listener->Socket == NULL) {
        return;
    }
    while (!NT_SUCCESS(BeginCall(&call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    Listener->Dispatch->WskCloseSocket(Listener->Socket, call.Irp);
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
}

// ---- The driver -----------------------------------------------------------------------------------

static VOID Stop(VOID)
{
    CloseListener(&OperatorListener); // no new operators
    StopRequests();
    CloseListener(&ClientListener); // no new clients, no more events about requests
    FreeRequests();
    AbortConnections();
    WskReleaseProviderNPI(&Registration);
    WskDeregister(&Registration);
    FreeSettings(&Settings);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    Stop();
}

static NTSTATUS Register(VOID)
{
    WSK_CLIENT_NPI client = {NULL, &ClientDispatch};
    NTSTATUS status = WskRegister(&client, &Registration);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Provider);
    if (!NT_SUCCESS(status)) {
        WskDeregister(&Registration);
    }
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = ReadSettings(RegistryPath, &Settings);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    ExInitializeRundownProtection(&ClientListener.Calls);
    ExInitializeRundownProtection(&OperatorListener.Calls);
    InitializeConnections();
    InitializeRequests(Settings.TimeLimitSeconds);
    InitializeInspection(&Settings);
    status = Register();
    if (!NT_SUCCESS(status)) {
        FreeSettings(&Settings);
        return status;
    }
    status = Listen(&ClientListener, &Settings.ClientAddress, &ClientListenDispatch);
    if (NT_SUCCESS(status)) {
        status = Listen(&OperatorListener, &Settings.OperatorAddress, &OperatorListenDispatch);
    }
    if (!NT_SUCCESS(status)) {
        Stop();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
