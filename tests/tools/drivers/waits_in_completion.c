// SPDX-License-Identifier: MIT
// A driver that waits in the completion routine of a WSK request.
#include <ntddk.h>
#include <wsk.h>

DRIVER_INITIALIZE DriverEntry;

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Provider;
static KEVENT Never, Made;

static NTSTATUS NTAPI WaitsInRoutine(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
    KeSetEvent(&Made, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI npi = {NULL, &ClientDispatch};
    PIRP irp = IoAllocateIrp(1, FALSE);

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&Never, NotificationEvent, FALSE);
    KeInitializeEvent(&Made, NotificationEvent, FALSE);
    WskRegister(&npi, &Registration);
    WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Provider);
    IoSetCompletionRoutine(irp, WaitsInRoutine, NULL, TRUE, TRUE, TRUE);
    Provider.Dispatch->WskSocket(Provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL, NULL, NULL, NULL, NULL,
                                 irp);
    KeWaitForSingleObject(&Made, Executive, KernelMode, FALSE, NULL);
    IoFreeIrp(irp);
    return STATUS_SUCCESS;
}
