// SPDX-License-Identifier: MIT
// A driver that begins to listen on a thread of its own, some time after DriverEntry, and whose DriverUnload waits until
// its peers have gone.
#include <ntddk.h>
#include <wsk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Completed;
static KSTART_ROUTINE Thread;

static CONST WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;
static PWSK_SOCKET listener, connections[64];
static volatile LONG count, open;
static KEVENT all_gone;
static PVOID thread;

static NTSTATUS NTAPI Completed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent((PRKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS WSKAPI OnDisconnect(PVOID SocketContext, ULONG Flags)
{
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    if (InterlockedDecrement(&open) == 0) {
        KeSetEvent(&all_gone, IO_NO_INCREMENT, FALSE);
    }
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_CONNECTION_DISPATCH connection_dispatch = {NULL, OnDisconnect, NULL};

static NTSTATUS Enable(PWSK_SOCKET Socket, ULONG Event)
{
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, Event};
    return ((CONST WSK_PROVIDER_BASIC_DISPATCH *)Socket->Dispatch)
        ->WskControlSocket(Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(control), &control, 0, NULL,
                           NULL, NULL);
}

static NTSTATUS WSKAPI OnAccept(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
                                PWSK_SOCKET AcceptSocket, PVOID *AcceptSocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    UNREFERENCED_PARAMETER(AcceptSocketContext);
    if (AcceptSocket == NULL || count == 64) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    connections[InterlockedIncrement(&count) - 1] = AcceptSocket;
    InterlockedIncrement(&open);
    *AcceptSocketDispatch = &connection_dispatch;
    Enable(AcceptSocket, WSK_EVENT_DISCONNECT);
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_LISTEN_DISPATCH listen_dispatch = {OnAccept, NULL, NULL};

static PIRP NewIrp(PKEVENT Event)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    KeInitializeEvent(Event, NotificationEvent, FALSE);
    IoSetCompletionRoutine(irp, Completed, Event, TRUE, TRUE, TRUE);
    return irp;
}

static ULONG_PTR Await(PIRP Irp, PKEVENT Event)
{
    ULONG_PTR information;
    KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, NULL);
    information = Irp->IoStatus.Information;
    IoFreeIrp(Irp);
    return information;
}

static VOID Close(PWSK_SOCKET Socket)
{
    KEVENT done;
    PIRP irp = NewIrp(&done);
    ((CONST WSK_PROVIDER_BASIC_DISPATCH *)Socket->Dispatch)->WskCloseSocket(Socket, irp);
    Await(irp, &done);
}

static VOID NTAPI Thread(PVOID Context)
{
    SOCKADDR_IN address = {.sin_family = AF_INET};
    LARGE_INTEGER moment;
    KEVENT done;
    PIRP irp;

    UNREFERENCED_PARAMETER(Context);
    moment.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    irp = NewIrp(&done);
    provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL,
                                 &listen_dispatch, NULL, NULL, NULL, irp);
    listener = (PWSK_SOCKET)Await(irp, &done);
    address.sin_port = RtlUshortByteSwap(7000);
    irp = NewIrp(&done);
    ((CONST WSK_PROVIDER_LISTEN_DISPATCH *)listener->Dispatch)->WskBind(listener, (PSOCKADDR)&address, 0, irp);
    Await(irp, &done);
    Enable(listener, WSK_EVENT_ACCEPT);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    LONG i;

    UNREFERENCED_PARAMETER(DriverObject);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(thread);
    Close(listener);
    while (open > 0) {
        KeWaitForSingleObject(&all_gone, Executive, KernelMode, FALSE, NULL);
    }
    for (i = 0; i < count; ++i) {
        Close(connections[i]);
    }
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;

    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&all_gone, SynchronizationEvent, FALSE);
    if (!NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, Thread, NULL);
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &thread, NULL);
    ZwClose(handle);
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
