// SPDX-License-Identifier: MIT
// A driver that completes an IRP that WskAccept still holds, so that it would be completed twice.
#include <ntddk.h>
#include <wsk.h>

DRIVER_INITIALIZE DriverEntry;
static IO_COMPLETION_ROUTINE Done;

static CONST WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_REGISTRATION registration;
static KEVENT done;

static NTSTATUS NTAPI Done(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static ULONG_PTR WaitFor(PIRP Irp)
{
    ULONG_PTR information;

    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    information = Irp->IoStatus.Information;
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Irp, Done, NULL, TRUE, TRUE, TRUE);
    return information;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};
    WSK_PROVIDER_NPI provider;
    CONST WSK_PROVIDER_LISTEN_DISPATCH *listen;
    SOCKADDR_IN address = {.sin_family = AF_INET, .sin_addr.S_un.S_addr = 0x0100007F};
    PWSK_SOCKET listener;
    PIRP irp = IoAllocateIrp(1, FALSE);

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&done, SynchronizationEvent, FALSE);
    if (irp == NULL || !NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    IoSetCompletionRoutine(irp, Done, NULL, TRUE, TRUE, TRUE);
    provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
                                 NULL, NULL, NULL, NULL, NULL, irp);
    listener = (PWSK_SOCKET)WaitFor(irp);
    listen = listener->Dispatch;
    listen->WskBind(listener, (PSOCKADDR)&address, 0, irp);
    WaitFor(irp);
    listen->WskAccept(listener, 0, NULL, NULL, NULL, NULL, irp);
    irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
