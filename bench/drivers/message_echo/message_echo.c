// SPDX-License-Identifier: MIT
// message_echo: datagram_echo for speed. What came from one peer goes back by one WskSendMessages.
//
// The answers of a list are made of the provider's own buffers. An answer has room for a number of
// them; what is behind that, or from another peer, is sent by the next call.
#include "settings.h"

#define DEFAULT_PORT 5008
#define TAG_ANSWER 'AseM'
#define PARTS_MAX 32

typedef struct _ANSWER {
    PIRP Irp;
    PWSK_DATAGRAM_INDICATION List;
    PWSK_DATAGRAM_INDICATION Next; // to be sent back
    WSK_BUF_LIST Parts[PARTS_MAX];
} ANSWER, *PANSWER;

static struct {
    SETTINGS Settings;
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    PWSK_SOCKET Socket;
    CONST WSK_PROVIDER_DATAGRAM_DISPATCH *Datagrams; // of the socket
    EX_RUNDOWN_REF Answers;                          // one for each ANSWER
} Server;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE Sent, CallDone;

static VOID Prepare(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context)
{
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
}

// ---- Answers: <= DISPATCH_LEVEL -----------------------------------------------------------------

static VOID FreeAnswer(PANSWER Answer)
{
    if (Answer->Irp != NULL) {
        IoFreeIrp(Answer->Irp);
    }
    ExFreePoolWithTag(Answer, TAG_ANSWER);
    ExReleaseRundownProtection(&Server.Answers);
}

// NULL: out of memory, or the driver is being unloaded.
static PANSWER NewAnswer(VOID)
{
    PANSWER answer;

    if (!ExAcquireRundownProtection(&Server.Answers)) {
        return NULL;
    }
    answer = ExAllocatePoolUninitialized(NonPagedPoolNx, sizeof(*answer), TAG_ANSWER);
    if (answer == NULL) {
        ExReleaseRundownProtection(&Server.Answers);
        return NULL;
    }
    answer->Irp = IoAllocateIrp(1, FALSE);
    if (answer->Irp == NULL) {
        FreeAnswer(answer);
        return NULL;
    }
    return answer;
}

static BOOLEAN AreOfOnePeer(PWSK_DATAGRAM_INDICATION One, PWSK_DATAGRAM_INDICATION Other)
{
    SIZE_T size =
        One->RemoteAddress->sa_family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);

    return RtlCompareMemory(One->RemoteAddress, Other->RemoteAddress, size) == size;
}

// The completion routine goes on with the rest, so nothing of the answer is touched after this.
static VOID SendNext(PANSWER Answer)
{
    PWSK_DATAGRAM_INDICATION first = Answer->Next;
    PWSK_DATAGRAM_INDICATION next = first;
    ULONG count = 0;

    do {
        Answer->Parts[count].Buffer = next->Buffer;
        Answer->Parts[count].Next = &Answer->Parts[count + 1];
        ++count;
        next = next->Next;
    } while (next != NULL && count < PARTS_MAX && AreOfOnePeer(first, next));
    Answer->Parts[count - 1].Next = NULL;
    Answer->Next = next;
    Prepare(Answer->Irp, Sent, Answer);
    Server.Datagrams->WskSendMessages(Server.Socket, Answer->Parts, 0, first->RemoteAddress, 0, NULL, Answer->Irp);
}

// Whether it went out or not: a datagram may be lost.
static NTSTATUS NTAPI Sent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PANSWER answer = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    if (answer->Next != NULL) {
        SendNext(answer);
    } else {
        Server.Datagrams->WskRelease(Server.Socket, answer->List);
        FreeAnswer(answer);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI ReceiveFromEvent(PVOID SocketContext, ULONG Flags, PWSK_DATAGRAM_INDICATION DataIndication)
{
    PANSWER answer;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    if (DataIndication == NULL) {
        return STATUS_SUCCESS;
    }
    answer = NewAnswer();
    if (answer == NULL) {
        return STATUS_SUCCESS; // they are lost, as datagrams may be
    }
    answer->List = DataIndication;
    answer->Next = DataIndication;
    SendNext(answer);
    return STATUS_PENDING;
}

static CONST WSK_CLIENT_DATAGRAM_DISPATCH DatagramDispatch = {ReceiveFromEvent};
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

// Without memory for an IRP there is no way on but to wait for memory.
static VOID InsistOnCall(PCALL Call)
{
    LARGE_INTEGER moment = {.QuadPart = -10 * 1000 * 10}; // 10 ms

    while (!NT_SUCCESS(BeginCall(Call))) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
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

static NTSTATUS ControlEvent(ULONG Mask, PIRP Irp)
{
    NPIID wsk = NPI_WSK_INTERFACE_ID;
    WSK_EVENT_CALLBACK_CONTROL control;

    control.NpiId = &wsk;
    control.EventMask = WSK_EVENT_RECEIVE_FROM | Mask;
    return Server.Datagrams->WskControlSocket(Server.Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                              sizeof(control), &control, 0, NULL, NULL, Irp);
}

static NTSTATUS OpenSocket(PCALL Call)
{
    ULONG_PTR information;
    NTSTATUS status;

    Server.Provider.Dispatch->WskSocket(
        Server.Provider.Client, Server.Settings.Address.ss_family, SOCK_DGRAM, IPPROTO_UDP,
        WSK_FLAG_DATAGRAM_SOCKET, NULL, &DatagramDispatch, NULL, NULL, NULL, Call->Irp);
    status = WaitForCall(Call, &information);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    Server.Socket = (PWSK_SOCKET)information;
    Server.Datagrams = Server.Socket->Dispatch;
    Server.Datagrams->WskBind(Server.Socket, (PSOCKADDR)&Server.Settings.Address, 0, Call->Irp);
    status = WaitForCall(Call, NULL);
    return NT_SUCCESS(status) ? ControlEvent(0, NULL) : status;
}

static NTSTATUS TellPort(PCALL Call)
{
    SOCKADDR_STORAGE address;
    NTSTATUS status;

    Server.Datagrams->WskGetLocalAddress(Server.Socket, (PSOCKADDR)&address, Call->Irp);
    status = WaitForCall(Call, NULL);
    if (NT_SUCCESS(status)) {
        DbgPrint("message_echo: port %u\n", RtlUshortByteSwap(((PSOCKADDR_IN)&address)->sin_port));
    }
    return status;
}

// A socket is closed when nothing of it is kept any more.
static VOID CloseSocket(VOID)
{
    CALL call;

    if (Server.Socket == NULL) {
        return;
    }
    InsistOnCall(&call);
    ControlEvent(WSK_EVENT_DISABLE, call.Irp); // no event comes after its completion
    WaitForCall(&call, NULL);
    ExWaitForRundownProtectionRelease(&Server.Answers);
    Server.Datagrams->WskCloseSocket(Server.Socket, call.Irp);
    WaitForCall(&call, NULL);
    IoFreeIrp(call.Irp);
}

static VOID Stop(VOID)
{
    CloseSocket();
    WskReleaseProviderNPI(&Server.Registration);
    WskDeregister(&Server.Registration);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    Stop();
}

static NTSTATUS Start(VOID)
{
    CALL call;
    NTSTATUS status = BeginCall(&call);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = OpenSocket(&call);
    if (NT_SUCCESS(status)) {
        status = TellPort(&call);
    }
    IoFreeIrp(call.Irp);
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &ClientDispatch};
    NTSTATUS status;

    ExInitializeRundownProtection(&Server.Answers);
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
    status = Start();
    if (!NT_SUCCESS(status)) {
        Stop();
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
