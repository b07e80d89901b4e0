// SPDX-License-Identifier: MIT
// fetch: gets a page of a web server, and prints it.
//
// A thread of the system does it in one go: WskGetAddressInfo finds the addresses of the host,
// WskSocketConnect tries one after another, the request is sent, and everything is received up to
// the end of the connection. One IRP is used for all of it. DriverUnload cancels whatever it is in,
// and waits for the thread.
#include <ntddk.h>
#include <ntstrsafe.h>
#include <wsk.h>

#include "response.h"
#include "settings.h"

#define FETCH_TAG 'hteF'
#define REQUEST_MAX 1024
#define LINES_MAX 20
#define COLUMNS_MAX 100

typedef struct _FETCH {
    SETTINGS Settings;
    WSK_REGISTRATION Registration;
    WSK_PROVIDER_NPI Provider;
    PKTHREAD Thread;
    PIRP Irp;
    KEVENT Done;
    KSPIN_LOCK Lock;
    BOOLEAN InCall;   // a call has the IRP, and may be cancelled
    BOOLEAN Stopping; // no more calls but those that end something
} FETCH, *PFETCH;

// Memory that can be sent from and received into.
typedef struct _BUFFER {
    PCHAR Bytes;
    PMDL Mdl;
} BUFFER, *PBUFFER;

static FETCH Fetch;

static CONST WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static IO_COMPLETION_ROUTINE CallDone;
static KSTART_ROUTINE FetchThread;

// ---- Calls ------------------------------------------------------------------------------------

static NTSTATUS NTAPI CallDone(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&Fetch.Done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID PrepareIrp(VOID)
{
    IoReuseIrp(Fetch.Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Fetch.Irp, CallDone, NULL, TRUE, TRUE, TRUE);
}

// FALSE: it is time to stop. From here to WaitForCall the IRP may be cancelled, also before the
// call has got it.
static BOOLEAN BeginCall(VOID)
{
    KIRQL irql;
    BOOLEAN go;

    PrepareIrp();
    KeAcquireSpinLock(&Fetch.Lock, &irql);
    go = !Fetch.Stopping;
    Fetch.InCall = go;
    KeReleaseSpinLock(&Fetch.Lock, irql);
    return go;
}

// Whatever the call returned: the IRP tells the result.
static NTSTATUS WaitForCall(VOID)
{
    KIRQL irql;

    KeWaitForSingleObject(&Fetch.Done, Executive, KernelMode, FALSE, NULL);
    KeAcquireSpinLock(&Fetch.Lock, &irql);
    Fetch.InCall = FALSE;
    KeReleaseSpinLock(&Fetch.Lock, irql);
    return Fetch.Irp->IoStatus.Status;
}

// ---- A connection -----------------------------------------------------------------------------

static NTSTATUS Resolve(PADDRINFOEXW *List)
{
    UNICODE_STRING host, service;
    ADDRINFOEXW hints = {0};

    RtlInitUnicodeString(&host, Fetch.Settings.Host);
    RtlInitUnicodeString(&service, Fetch.Settings.Service);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    if (!BeginCall()) {
        return STATUS_CANCELLED;
    }
    Fetch.Provider.Dispatch->WskGetAddressInfo(
        Fetch.Provider.Client, &host, &service, NS_ALL, NULL, &hints, List, NULL, NULL, Fetch.Irp);
    return WaitForCall();
}

static NTSTATUS ConnectTo(PADDRINFOEXW Address, PWSK_SOCKET *Socket)
{
    SOCKADDR_STORAGE local = {0}; // any address, any port
    NTSTATUS status;

    local.ss_family = (ADDRESS_FAMILY)Address->ai_family;
    if (!BeginCall()) {
        return STATUS_CANCELLED;
    }
    Fetch.Provider.Dispatch->WskSocketConnect(
        Fetch.Provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&local, Address->ai_addr, 0, NULL,
        NULL, NULL, NULL, NULL, Fetch.Irp);
    status = WaitForCall();
    *Socket = NT_SUCCESS(status) ? (PWSK_SOCKET)Fetch.Irp->IoStatus.Information : NULL;
    return status;
}

// The addresses are in the order in which they should be tried.
static NTSTATUS Connect(PWSK_SOCKET *Socket)
{
    PADDRINFOEXW list, address;
    NTSTATUS status = Resolve(&list);

    if (!NT_SUCCESS(status)) {
        DbgPrint("fetch: %ws has no address: 0x%08X\n", Fetch.Settings.Host, status);
        return status;
    }
    status = STATUS_NO_MATCH;
    for (address = list; address != NULL; address = address->ai_next) {
        status = ConnectTo(address, Socket);
        if (NT_SUCCESS(status) || status == STATUS_CANCELLED) {
            break;
        }
    }
    Fetch.Provider.Dispatch->WskFreeAddressInfo(Fetch.Provider.Client, list);
    if (!NT_SUCCESS(status)) {
        DbgPrint("fetch: %ws cannot be reached: 0x%08X\n", Fetch.Settings.Host, status);
    }
    return status;
}

static CONST WSK_PROVIDER_CONNECTION_DISPATCH *FunctionsOf(PWSK_SOCKET Socket)
{
    return Socket->Dispatch;
}

// All bytes are taken before it completes.
static NTSTATUS Send(PWSK_SOCKET Socket, PBUFFER Buffer, SIZE_T Length)
{
    WSK_BUF buffer = {Buffer->Mdl, 0, Length};

    if (!BeginCall()) {
        return STATUS_CANCELLED;
    }
    FunctionsOf(Socket)->WskSend(Socket, &buffer, 0, Fetch.Irp);
    return WaitForCall();
}

// Until the server has sent everything, or there is no room.
static NTSTATUS ReceiveAll(PWSK_SOCKET Socket, PBUFFER Buffer, SIZE_T Room, PSIZE_T Length)
{
    *Length = 0;
    while (*Length < Room) {
        WSK_BUF buffer = {Buffer->Mdl, (ULONG)*Length, Room - *Length};
        NTSTATUS status;

        if (!BeginCall()) {
            return STATUS_CANCELLED;
        }
        FunctionsOf(Socket)->WskReceive(Socket, &buffer, 0, Fetch.Irp);
        status = WaitForCall();
        if (!NT_SUCCESS(status)) {
            return status;
        }
        if (Fetch.Irp->IoStatus.Information == 0) {
            return STATUS_SUCCESS;
        }
        *Length += Fetch.Irp->IoStatus.Information;
    }
    return STATUS_BUFFER_OVERFLOW;
}

// Not to be cancelled.
static VOID Close(PWSK_SOCKET Socket)
{
    PrepareIrp();
    FunctionsOf(Socket)->WskCloseSocket(Socket, Fetch.Irp);
    WaitForCall();
}

// ---- A page -----------------------------------------------------------------------------------

static NTSTATUS AllocateBuffer(PBUFFER Buffer, ULONG Length)
{
    Buffer->Bytes = ExAllocatePool2(POOL_FLAG_NON_PAGED, Length, FETCH_TAG);
    if (Buffer->Bytes == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Buffer->Mdl = IoAllocateMdl(Buffer->Bytes, Length, FALSE, FALSE, NULL);
    if (Buffer->Mdl == NULL) {
        ExFreePoolWithTag(Buffer->Bytes, FETCH_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MmBuildMdlForNonPagedPool(Buffer->Mdl);
    return STATUS_SUCCESS;
}

static VOID FreeBuffer(PBUFFER Buffer)
{
    IoFreeMdl(Buffer->Mdl);
    ExFreePoolWithTag(Buffer->Bytes, FETCH_TAG);
}

static VOID PrintBody(CONST RESPONSE *Response)
{
    PCHAR next = Response->Body;
    PCHAR end = Response->Body + Response->BodyLength;
    ULONG lines;

    for (lines = 0; next < end; ++lines) {
        PCHAR first = next;

        if (lines == LINES_MAX) {
            DbgPrint("fetch: | ...\n");
            return;
        }
        while (next < end && *next != '\n') {
            ++next;
        }
        DbgPrint("fetch: | %.*s\n", (int)min(next - first, COLUMNS_MAX), first);
        ++next;
    }
}

static NTSTATUS Exchange(PWSK_SOCKET Socket, PBUFFER Request, PBUFFER Answer)
{
    RESPONSE response;
    SIZE_T length;
    NTSTATUS status = RtlStringCbPrintfA(
        Request->Bytes, REQUEST_MAX, "GET %ws HTTP/1.1\r\nHost: %ws\r\nConnection: close\r\n\r\n",
        Fetch.Settings.Path, Fetch.Settings.Host);

    if (NT_SUCCESS(status)) {
        status = RtlStringCbLengthA(Request->Bytes, REQUEST_MAX, &length);
    }
    if (NT_SUCCESS(status)) {
        status = Send(Socket, Request, length);
    }
    if (NT_SUCCESS(status)) {
        status = ReceiveAll(Socket, Answer, Fetch.Settings.BytesMax, &length);
    }
    if (NT_SUCCESS(status)) {
        status = ReadResponse(Answer->Bytes, length, &response);
    }
    if (NT_SUCCESS(status)) {
        DbgPrint("fetch: status %u, %Iu bytes\n", response.Status, response.BodyLength);
        PrintBody(&response);
    }
    return status;
}

static NTSTATUS FetchPage(VOID)
{
    BUFFER request, answer;
    PWSK_SOCKET socket;
    NTSTATUS status = AllocateBuffer(&request, REQUEST_MAX);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = AllocateBuffer(&answer, Fetch.Settings.BytesMax);
    if (NT_SUCCESS(status)) {
        status = Connect(&socket);
        if (NT_SUCCESS(status)) {
            status = Exchange(socket, &request, &answer);
            Close(socket);
        }
        FreeBuffer(&answer);
    }
    FreeBuffer(&request);
    return status;
}

static VOID NTAPI FetchThread(PVOID Context)
{
    NTSTATUS status = FetchPage();

    UNREFERENCED_PARAMETER(Context);
    if (!NT_SUCCESS(status)) {
        DbgPrint("fetch: failed: 0x%08X\n", status);
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

// ---- Start and end: PASSIVE_LEVEL -------------------------------------------------------------

static NTSTATUS StartThread(VOID)
{
    HANDLE handle;
    NTSTATUS status =
        PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, FetchThread, NULL);

    if (NT_SUCCESS(status)) {
        ObReferenceObjectByHandle(
            handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, (PVOID *)&Fetch.Thread, NULL);
        ZwClose(handle);
    }
    return status;
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    KIRQL irql;

    UNREFERENCED_PARAMETER(DriverObject);
    KeAcquireSpinLock(&Fetch.Lock, &irql);
    Fetch.Stopping = TRUE;
    if (Fetch.InCall) {
        IoCancelIrp(Fetch.Irp);
    }
    KeReleaseSpinLock(&Fetch.Lock, irql);
    KeWaitForSingleObject(Fetch.Thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(Fetch.Thread);
    IoFreeIrp(Fetch.Irp);
    WskReleaseProviderNPI(&Fetch.Registration);
    WskDeregister(&Fetch.Registration);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI client = {NULL, &ClientDispatch};
    NTSTATUS status;

    KeInitializeSpinLock(&Fetch.Lock);
    KeInitializeEvent(&Fetch.Done, SynchronizationEvent, FALSE);
    status = ReadSettings(RegistryPath, &Fetch.Settings);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskRegister(&client, &Fetch.Registration);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = WskCaptureProviderNPI(&Fetch.Registration, WSK_INFINITE_WAIT, &Fetch.Provider);
    if (NT_SUCCESS(status)) {
        Fetch.Irp = IoAllocateIrp(1, FALSE);
        status = Fetch.Irp != NULL ? StartThread() : STATUS_INSUFFICIENT_RESOURCES;
        if (!NT_SUCCESS(status)) {
            if (Fetch.Irp != NULL) {
                IoFreeIrp(Fetch.Irp);
            }
            WskReleaseProviderNPI(&Fetch.Registration);
        }
    }
    if (!NT_SUCCESS(status)) {
        WskDeregister(&Fetch.Registration);
        return status;
    }
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
