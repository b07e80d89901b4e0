// SPDX-License-Identifier: MIT
// A driver that prints every address that it gets to see, as traces of drivers do.
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
static volatile LONG count;
static PVOID kept[8];
static PDEVICE_OBJECT device;

static VOID Say(PCSTR What, CONST VOID *Address)
{
    DbgPrint("%s %p\n", What, Address);
}

static NTSTATUS NTAPI Completed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent((PRKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS WSKAPI OnReceive(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION Indication,
                                 SIZE_T Length, SIZE_T *Accepted)
{
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(Length);
    UNREFERENCED_PARAMETER(Accepted);
    if (Indication != NULL) {
        Say("indication", Indication);
        Say("mdl of it", Indication->Buffer.Mdl);
        Say("bytes of it", MmGetMdlVirtualAddress(Indication->Buffer.Mdl));
    }
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_CONNECTION_DISPATCH connection_dispatch = {OnReceive, NULL, NULL};

static NTSTATUS WSKAPI OnAccept(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
                                PWSK_SOCKET AcceptSocket, PVOID *AcceptSocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE};
    LONG index;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    if (AcceptSocket == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    index = InterlockedIncrement(&count) - 1;
    if (index >= 64) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    connections[index] = AcceptSocket;
    Say("connection", AcceptSocket);
    Say("its functions", AcceptSocket->Dispatch);
    Say("addresses", LocalAddress);
    Say("and", RemoteAddress);
    Say("stack of the callback", &index);
    *AcceptSocketContext = AcceptSocket;
    *AcceptSocketDispatch = &connection_dispatch;
    ((CONST WSK_PROVIDER_BASIC_DISPATCH *)AcceptSocket->Dispatch)
        ->WskControlSocket(AcceptSocket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(control),
                                 &control, 0, NULL, NULL, NULL);
    return STATUS_SUCCESS;
}

static CONST WSK_CLIENT_LISTEN_DISPATCH listen_dispatch = {OnAccept, NULL, NULL};

static NTSTATUS Await(PIRP Irp, PKEVENT Event)
{
    NTSTATUS status;
    KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, NULL);
    status = Irp->IoStatus.Status;
    IoFreeIrp(Irp);
    return status;
}

static PIRP NewIrp(PKEVENT Event)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    KeInitializeEvent(Event, NotificationEvent, FALSE);
    Say("irp", irp);
    IoSetCompletionRoutine(irp, Completed, Event, TRUE, TRUE, TRUE);
    return irp;
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
    Say("stack of a thread", &Context);
    Say("thread", KeGetCurrentThread());
    kept[0] = ExAllocatePoolWithTag(NonPagedPoolNx, 40, 'rddA');
    Say("pool of a thread", kept[0]);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    LONG i;

    Say("stack of DriverUnload", &DriverObject);
    Close(listener);
    for (i = 0; i < count; ++i) {
        Close(connections[i]);
    }
    ExFreePool(kept[0]);
    IoDeleteDevice(device);
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
}

static NTSTATUS Listen(VOID)
{
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_ACCEPT};
    SOCKADDR_IN address = {.sin_family = AF_INET};
    CONST WSK_PROVIDER_LISTEN_DISPATCH *functions;
    KEVENT done;
    PIRP irp = NewIrp(&done);
    NTSTATUS status;

    provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL,
                                 &listen_dispatch, NULL, NULL, NULL, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    listener = (PWSK_SOCKET)irp->IoStatus.Information;
    status = Await(irp, &done);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    Say("listener", listener);
    functions = listener->Dispatch;
    address.sin_port = RtlUshortByteSwap(7000);
    irp = NewIrp(&done);
    functions->WskBind(listener, (PSOCKADDR)&address, 0, irp);
    status = Await(irp, &done);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return functions->WskControlSocket(listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(control),
                                             &control, 0, NULL, NULL, NULL);
}

static VOID SayWhatIsMade(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static CONST SIZE_T sizes[] = {1, 100, 1000, 5000, 70000, 3000000};
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;
    PVOID object;
    PMDL mdl;
    ULONG i;

    Say("function", (CONST VOID *)(ULONG_PTR)DriverEntry);
    Say("variable", &registration);
    Say("stack of DriverEntry", &attributes);
    Say("driver object", DriverObject);
    Say("its extension", DriverObject->DriverExtension);
    Say("its name", DriverObject->DriverName.Buffer);
    Say("registry path", RegistryPath);
    Say("text of it", RegistryPath->Buffer);
    Say("thread", KeGetCurrentThread());
    Say("process", PsGetCurrentProcess());
    for (i = 0; i < RTL_NUMBER_OF(sizes); ++i) {
        kept[i] = ExAllocatePoolWithTag(NonPagedPoolNx, sizes[i], 'rddA');
        Say("pool", kept[i]);
    }
    mdl = IoAllocateMdl(kept[2], 1000, FALSE, FALSE, NULL);
    Say("mdl", mdl);
    IoFreeMdl(mdl);
    for (i = 0; i < RTL_NUMBER_OF(sizes); ++i) {
        ExFreePool(kept[i]);
    }
    IoCreateDevice(DriverObject, 200, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    Say("device", device);
    Say("its extension", device->DeviceExtension);
    InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, Thread, NULL);
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &object, NULL);
    Say("thread object", object);
    ZwClose(handle);
    KeWaitForSingleObject(object, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(object);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &dispatch};

    DriverObject->DriverUnload = Unload;
    SayWhatIsMade(DriverObject, RegistryPath);
    if (!NT_SUCCESS(WskRegister(&client, &registration)) ||
        !NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider))) {
        return STATUS_UNSUCCESSFUL;
    }
    Say("client", provider.Client);
    Say("functions", provider.Dispatch);
    return Listen();
}
