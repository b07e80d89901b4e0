// SPDX-License-Identifier: MIT
// A driver that says which gate its conditional listener has.
#include <ntddk.h>
#include <wsk.h>
#include <openwsk/gate_query.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Completed;

static WSK_INSPECT_ACTION WSKAPI InspectEvent(PVOID Context, PSOCKADDR Local, PSOCKADDR Remote, PWSK_INSPECT_ID Id)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Local);
    UNREFERENCED_PARAMETER(Remote);
    UNREFERENCED_PARAMETER(Id);
    return WskInspectReject;
}

static NTSTATUS WSKAPI AbortEvent(PVOID Context, PWSK_INSPECT_ID Id)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Id);
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static CONST WSK_CLIENT_LISTEN_DISPATCH events = {NULL, InspectEvent, AbortEvent};
static WSK_REGISTRATION registration;
static PWSK_SOCKET listener;
static PIRP irp;
static KEVENT completed;

static NTSTATUS NTAPI Completed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&completed, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP FreshIrp(VOID)
{
    KeInitializeEvent(&completed, NotificationEvent, FALSE);
    IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(irp, Completed, NULL, TRUE, TRUE, TRUE);
    return irp;
}

static NTSTATUS Wait(VOID)
{
    KeWaitForSingleObject(&completed, Executive, KernelMode, FALSE, NULL);
    return irp->IoStatus.Status;
}

static NTSTATUS Listen(CONST WSK_PROVIDER_NPI *Provider)
{
    SOCKADDR_IN address = {AF_INET, 0, {{{127, 0, 0, 1}}}, {0}};
    CONST WSK_PROVIDER_LISTEN_DISPATCH *functions;
    ULONG on = 1;

    Provider->Dispatch->WskSocket(Provider->Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
                                  NULL, &events, NULL, NULL, NULL, FreshIrp());
    if (!NT_SUCCESS(Wait())) {
        return irp->IoStatus.Status;
    }
    listener = (PWSK_SOCKET)irp->IoStatus.Information;
    functions = listener->Dispatch;
    functions->WskControlSocket(listener, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, sizeof on, &on,
                                      0, NULL, NULL, FreshIrp());
    if (!NT_SUCCESS(Wait())) {
        return irp->IoStatus.Status;
    }
    functions->WskBind(listener, (PSOCKADDR)&address, 0, FreshIrp());
    return Wait();
}

static NTSTATUS AskForGate(VOID)
{
    static OWSK_GATE gate;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *functions = listener->Dispatch;

    functions->WskControlSocket(listener, WskIoctl, SIO_OWSK_QUERY_GATE, 0, 0, NULL, sizeof gate, &gate,
                                      NULL, FreshIrp());
    if (NT_SUCCESS(Wait())) {
        DbgPrint("the gate is \"%s\": %s\n", gate.Name, gate.Reason);
    }
    return irp->IoStatus.Status;
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    if (listener != NULL) {
        CONST WSK_PROVIDER_LISTEN_DISPATCH *functions = listener->Dispatch;

        functions->WskCloseSocket(listener, FreshIrp());
        Wait();
    }
    IoFreeIrp(irp);
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};
    WSK_PROVIDER_NPI provider;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    irp = IoAllocateIrp(1, FALSE);
    if (irp == NULL || !NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    status = Listen(&provider);
    if (NT_SUCCESS(status)) {
        status = AskForGate();
    }
    if (!NT_SUCCESS(status)) {
        Unload(DriverObject);
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
