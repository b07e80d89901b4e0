// SPDX-License-Identifier: MIT
// A driver that is unloaded and has not closed its socket.
#include <ntddk.h>
#include <wsk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Opened;

static CONST WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_REGISTRATION registration;
static KEVENT opened;

static NTSTATUS NTAPI Opened(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&opened, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};
    WSK_PROVIDER_NPI provider;
    PIRP irp = IoAllocateIrp(1, FALSE);
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&opened, NotificationEvent, FALSE);
    if (irp == NULL || !NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    IoSetCompletionRoutine(irp, Opened, NULL, TRUE, TRUE, TRUE);
    provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
                                 NULL, NULL, NULL, NULL, NULL, irp);
    KeWaitForSingleObject(&opened, Executive, KernelMode, FALSE, NULL);
    status = irp->IoStatus.Status;
    IoFreeIrp(irp);
    DriverObject->DriverUnload = Unload;
    return status;
}
