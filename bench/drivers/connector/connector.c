// SPDX-License-Identifier: MIT
// connector: connects to 127.0.0.1 again and again, to show what a connection costs whoever makes it.
//
// Some chains run at a time. Each is WskSocketConnect, WskReceive until a byte is there, and
// WskCloseSocket, with one IRP. A chain whose connection fails is over.
#include <ntddk.h>
#include <wsk.h>

#include "settings.h"

#define TAG_CHAINS 'nahC'

typedef struct _CHAIN {
    PIRP Irp; // connect, receive, close: one after another
    PMDL Mdl; // of the byte
    UCHAR Byte;
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    LONG References; // of a WskReceive: its call and its completion, as a close may not run beside it
} CHAIN, *PCHAIN;

static struct {
    SETTINGS Settings;
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    SOCKADDR_IN Any;
    SOCKADDR_IN Target;
    PCHAIN Chains;
    LONG Running; // chains, and Start
    KEVENT AllOver;
    LONG Stopping;
} Connector;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Connected, Received, Closed;

static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

static VOID Prepare(PCHAIN Chain, PIO_COMPLETION_ROUTINE Routine)
{
    IoReuseIrp(Chain->Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Chain->Irp, Routine, Chain, TRUE, TRUE, TRUE);
}

// ---- A chain: <= DISPATCH_LEVEL -----------------------------------------------------------------

static VOID DropRunning(VOID)
{
    if (InterlockedDecrement(&Connector.Running) == 0) {
        KeSetEvent(&Connector.AllOver, IO_NO_INCREMENT, FALSE);
    }
}

static VOID Connect(PCHAIN Chain)
{
    if (Connector.Stopping) {
        DropRunning();
        return;
    }
    Prepare(Chain, Connected);
    Connector.Provider.Dispatch->WskSocketConnect(
        Connector.Provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&Connector.Any,
        (PSOCKADDR)&Connector.Target, 0, NULL, NULL, NULL, NULL, NULL, Chain->Irp);
}

static NTSTATUS NTAPI Closed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    Connect((PCHAIN)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID DropReceive(PCHAIN Chain)
{
    if (InterlockedDecrement(&Chain->References) == 0) {
        Prepare(Chain, Closed);
        Chain->Dispatch->WskCloseSocket(Chain->Socket, Chain->Irp);
    }
}

static NTSTATUS NTAPI Received(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status) && !Connector.Stopping) {
        DbgPrint("connector: nothing was received: 0x%08X\n", Irp->IoStatus.Status);
    }
    DropReceive((PCHAIN)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI Connected(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PCHAIN chain = Context;
    WSK_BUF buffer = {chain->Mdl, 0, 1};

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status)) {
        if (!Connector.Stopping) {
            DbgPrint("connector: the target cannot be connected: 0x%08X\n", Irp->IoStatus.Status);
        }
        DropRunning();
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    chain->Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
    chain->Dispatch = chain->Socket->Dispatch;
    chain->References = 2;
    Prepare(chain, Received);
    chain->Dispatch->WskReceive(chain->Socket, &buffer, 0, chain->Irp);
    DropReceive(chain);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// ---- Start and end: PASSIVE_LEVEL ---------------------------------------------------------------

static VOID FreeChains(VOID)
{
    ULONG index;

    for (index = 0; index < Connector.Settings.Connections; ++index) {
        if (Connector.Chains[index].Mdl != NULL) {
            IoFreeMdl(Connector.Chains[index].Mdl);
        }
        if (Connector.Chains[index].Irp != NULL) {
            IoFreeIrp(Connector.Chains[index].Irp);
        }
    }
    ExFreePoolWithTag(Connector.Chains, TAG_CHAINS);
}

static NTSTATUS AllocateChains(VOID)
{
    ULONG index;
    SIZE_T size = Connector.Settings.Connections * sizeof(CHAIN);

    Connector.Chains = ExAllocatePoolZero(NonPagedPoolNx, size, TAG_CHAINS);
    if (Connector.Chains == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (index = 0; index < Connector.Settings.Connections; ++index) {
        PCHAIN chain = &Connector.Chains[index];

        chain->Irp = IoAllocateIrp(1, FALSE);
        chain->Mdl = IoAllocateMdl(&chain->Byte, 1, FALSE, FALSE, NULL);
        if (chain->Irp == NULL || chain->Mdl == NULL) {
            FreeChains();
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        MmBuildMdlForNonPagedPool(chain->Mdl);
    }
    return STATUS_SUCCESS;
}

static VOID StartChains(VOID)
{
    ULONG index;

    Connector.Running = 1;
    for (index = 0; index < Connector.Settings.Connections; ++index) {
        InterlockedIncrement(&Connector.Running);
        Connect(&Connector.Chains[index]);
    }
    DropRunning();
}

// A cancellation that comes between two requests of a chain has no effect, so it comes again.
static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms
    ULONG index;

    UNREFERENCED_PARAMETER(DriverObject);
    InterlockedExchange(&Connector.Stopping, TRUE);
    do {
        for (index = 0; index < Connector.Settings.Connections; ++index) {
            IoCancelIrp(Connector.Chains[index].Irp);
        }
    } while (KeWaitForSingleObject(&Connector.AllOver, Executive, KernelMode, FALSE, &moment) ==
             STATUS_TIMEOUT);
    WskReleaseProviderNPI(&Connector.Registration);
    WskDeregister(&Connector.Registration);
    FreeChains();
}

static NTSTATUS Register(VOID)
{
    WSK_CLIENT_NPI client = {NULL, &ClientDispatch};
    NTSTATUS status = WskRegister(&client, &Connector.Registration);

    if (NT_SUCCESS(status)) {
        status =
            WskCaptureProviderNPI(&Connector.Registration, WSK_INFINITE_WAIT, &Connector.Provider);
        if (!NT_SUCCESS(status)) {
            WskDeregister(&Connector.Registration);
        }
    }
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = ReadSettings(RegistryPath, &Connector.Settings);

    KeInitializeEvent(&Connector.AllOver, NotificationEvent, FALSE);
    Connector.Any.sin_family = AF_INET;
    Connector.Target.sin_family = AF_INET;
    Connector.Target.sin_port = RtlUshortByteSwap((USHORT)Connector.Settings.TargetPort);
    Connector.Target.sin_addr.s_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
    if (NT_SUCCESS(status)) {
        status = AllocateChains();
    }
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = Register();
    if (!NT_SUCCESS(status)) {
        FreeChains();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    StartChains();
    return STATUS_SUCCESS;
}
