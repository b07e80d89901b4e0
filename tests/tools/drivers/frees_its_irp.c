// SPDX-License-Identifier: MIT
// A driver whose completion routine frees the IRP and lets completion go on.
#include <ntddk.h>
#include <wsk.h>

DRIVER_INITIALIZE DriverEntry;
static IO_COMPLETION_ROUTINE FreesItsIrp;

static CONST WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_REGISTRATION registration;

static NTSTATUS NTAPI FreesItsIrp(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Context);
    IoFreeIrp(Irp);
    return STATUS_SUCCESS; // not STATUS_MORE_PROCESSING_REQUIRED
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};
    WSK_PROVIDER_NPI provider;
    LARGE_INTEGER minute = {.QuadPart = -60LL * 10000000};
    PIRP irp = IoAllocateIrp(1, FALSE);

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (irp == NULL || !NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    IoSetCompletionRoutine(irp, FreesItsIrp, NULL, TRUE, TRUE, TRUE);
    provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
                                 NULL, NULL, NULL, NULL, NULL, irp);
    KeDelayExecutionThread(KernelMode, FALSE, &minute);
    return STATUS_SUCCESS;
}
