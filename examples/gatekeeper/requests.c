// SPDX-License-Identifier: MIT
#include "requests.h"

#include "gatekeeper.h"

#define TAG_REQUEST 'RtaG'
#define UNITS_PER_SECOND (10 * 1000 * 1000ull) // of 100 ns

typedef struct _REQUEST {
    LIST_ENTRY Link;
    LONG References; // one of its list, one of its verdict while that is being given
    ULONG Number;
    WSK_INSPECT_ID Id; // a copy: the one shown to WskInspectEvent is gone when that returns
    SOCKADDR_STORAGE Remote;
    ULONGLONG Arrived; // interrupt time
    PIRP Irp;          // for the verdict, if it comes later
} REQUEST, *PREQUEST;

static struct {
    KSPIN_LOCK Lock; // of everything below
    LIST_ENTRY Waiting; // the oldest first, so the first to run out of time
    LIST_ENTRY Accepted;
    ULONG WaitingCount;
    ULONG LastNumber;
    BOOLEAN Stopping;
    ULONGLONG TimeLimit; // 0: none
    KTIMER Timer;        // for the oldest waiting request
    KDPC Dpc;
} Requests;

static KDEFERRED_ROUTINE TimeIsUp;
static IO_COMPLETION_ROUTINE VerdictGiven;

VOID InitializeRequests(ULONG TimeLimitSeconds)
{
    KeInitializeSpinLock(&Requests.Lock);
    InitializeListHead(&Requests.Waiting);
    InitializeListHead(&Requests.Accepted);
    KeInitializeTimer(&Requests.Timer);
    KeInitializeDpc(&Requests.Dpc, TimeIsUp, NULL);
    Requests.TimeLimit = TimeLimitSeconds * UNITS_PER_SECOND;
}

static VOID DropReference(PREQUEST Request)
{
    if (InterlockedDecrement(&Request->References) > 0) {
        return;
    }
    if (Request->Irp != NULL) {
        IoFreeIrp(Request->Irp);
    }
    ExFreePoolWithTag(Request, TAG_REQUEST);
}

static PREQUEST AllocateRequest(CONST WSK_INSPECT_ID *Id, CONST SOCKADDR *Remote)
{
    PREQUEST request = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*request), TAG_REQUEST);

    if (request != NULL) {
        request->References = 1;
        request->Id = *Id;
        request->Arrived = KeQueryInterruptTime();
        RtlCopyMemory(&request->Remote, Remote,
                      Remote->sa_family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6));
    }
    return request;
}

// With Lock held.
static PREQUEST Find(PLIST_ENTRY List, CONST WSK_INSPECT_ID *Id, ULONG Number)
{
    PLIST_ENTRY entry;

    for (entry = List->Flink; entry != List; entry = entry->Flink) {
        PREQUEST request = CONTAINING_RECORD(entry, REQUEST, Link);
        if (Id == NULL ? request->Number == Number
                       : request->Id.Key == Id->Key && request->Id.SerialNumber == Id->SerialNumber) {
            return request;
        }
    }
    return NULL;
}

// With Lock held.
static VOID SetTimerForOldest(VOID)
{
    LARGE_INTEGER due;
    ULONGLONG deadline, now;

    if (Requests.Stopping || Requests.TimeLimit == 0 || IsListEmpty(&Requests.Waiting)) {
        return;
    }
    deadline = CONTAINING_RECORD(Requests.Waiting.Flink, REQUEST, Link)->Arrived + Requests.TimeLimit;
    now = KeQueryInterruptTime();
    due.QuadPart = deadline > now ? -(LONGLONG)(deadline - now) : -1; // relative
    KeSetTimer(&Requests.Timer, due, &Requests.Dpc);
}

// ---- Arrival and departure ----------------------------------------------------------------------

ULONG NumberRequest(VOID)
{
    return (ULONG)InterlockedIncrement((LONG volatile *)&Requests.LastNumber);
}

ULONG AddAcceptedRequest(CONST WSK_INSPECT_ID *Id, CONST SOCKADDR *Remote)
{
    PREQUEST request = AllocateRequest(Id, Remote);
    ULONG number = 0;
    KIRQL irql;

    if (request == NULL) {
        return 0;
    }
    KeAcquireSpinLock(&Requests.Lock, &irql);
    if (!Requests.Stopping) {
        number = request->Number = NumberRequest();
        InsertTailList(&Requests.Accepted, &request->Link);
    }
    KeReleaseSpinLock(&Requests.Lock, irql);
    if (number == 0) {
        DropReference(request);
    }
    return number;
}

ULONG AddWaitingRequest(CONST WSK_INSPECT_ID *Id, CONST SOCKADDR *Remote)
{
    PREQUEST request = AllocateRequest(Id, Remote);
    ULONG number = 0;
    KIRQL irql;

    if (request == NULL) {
        return 0;
    }
    request->Irp = IoAllocateIrp(1, FALSE);
    KeAcquireSpinLock(&Requests.Lock, &irql);
    if (request->Irp != NULL && !Requests.Stopping && Requests.WaitingCount < WAITING_MAX) {
        number = request->Number = NumberRequest();
        InsertTailList(&Requests.Waiting, &request->Link);
        if (Requests.WaitingCount++ == 0) {
            SetTimerForOldest();
        }
    }
    KeReleaseSpinLock(&Requests.Lock, irql);
    if (number == 0) {
        DropReference(request);
    }
    return number;
}

static ULONG Take(PLIST_ENTRY List, CONST WSK_INSPECT_ID *Id)
{
    PREQUEST request;
    ULONG number = 0;
    KIRQL irql;

    KeAcquireSpinLock(&Requests.Lock, &irql);
    request = Find(List, Id, 0);
    if (request != NULL) {
        RemoveEntryList(&request->Link);
        if (List == &Requests.Waiting) {
            --Requests.WaitingCount;
        }
        number = request->Number;
    }
    KeReleaseSpinLock(&Requests.Lock, irql);
    if (request != NULL) {
        DropReference(request);
    }
    return number;
}

ULONG TakeAcceptedRequest(CONST WSK_INSPECT_ID *Id)
{
    return Take(&Requests.Accepted, Id);
}

// A request only ever moves from Waiting to Accepted, so it cannot be missed.
ULONG ForgetRequest(CONST WSK_INSPECT_ID *Id)
{
    ULONG number = Take(&Requests.Waiting, Id);

    return number != 0 ? number : Take(&Requests.Accepted, Id);
}

// ---- Verdicts -----------------------------------------------------------------------------------

static NTSTATUS NTAPI VerdictGiven(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp); // any status: the client may have gone away meanwhile
    DropReference((PREQUEST)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// The verdict has a reference.
static VOID GiveVerdict(PREQUEST Request, WSK_INSPECT_ACTION Action)
{
    IoSetCompletionRoutine(Request->Irp, VerdictGiven, Request, TRUE, TRUE, TRUE);
    if (!BeginListenerCall(&ClientListener)) {
        DropReference(Request); // the listening socket is being closed, and its requests with it
        return;
    }
    ClientListener.Dispatch->WskInspectComplete(ClientListener.Socket, &Request->Id, Action, Request->Irp);
    EndListenerCall(&ClientListener);
}

// With Lock held. Afterwards the verdict has a reference, and an accepted request waits for its socket.
static VOID Decide(PREQUEST Request, WSK_INSPECT_ACTION Action)
{
    RemoveEntryList(&Request->Link);
    --Requests.WaitingCount;
    if (Action == WskInspectAccept) {
        InterlockedIncrement(&Request->References);
        InsertTailList(&Requests.Accepted, &Request->Link);
    }
}

BOOLEAN DecideRequest(ULONG Number, WSK_INSPECT_ACTION Action)
{
    PREQUEST request;
    KIRQL irql;

    KeAcquireSpinLock(&Requests.Lock, &irql);
    request = Find(&Requests.Waiting, NULL, Number);
    if (request != NULL) {
        Decide(request, Action);
    }
    KeReleaseSpinLock(&Requests.Lock, irql);
    if (request == NULL) {
        return FALSE;
    }
    GiveVerdict(request, Action);
    return TRUE;
}

// The oldest waiting request that has no time left, or any if All; the verdict has a reference.
static PREQUEST TakeOverdue(BOOLEAN All)
{
    PREQUEST request = NULL;
    KIRQL irql;

    KeAcquireSpinLock(&Requests.Lock, &irql);
    if (!IsListEmpty(&Requests.Waiting)) {
        request = CONTAINING_RECORD(Requests.Waiting.Flink, REQUEST, Link);
        if (!All && KeQueryInterruptTime() < request->Arrived + Requests.TimeLimit) {
            SetTimerForOldest();
            request = NULL;
        } else {
            Decide(request, WskInspectReject);
        }
    }
    KeReleaseSpinLock(&Requests.Lock, irql);
    return request;
}

static VOID NTAPI TimeIsUp(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PREQUEST request;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(DeferredContext);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    while ((request = TakeOverdue(FALSE)) != NULL) {
        DbgPrint("gatekeeper: request %u: rejected, the time is up\n", request->Number);
        GiveVerdict(request, WskInspectReject);
    }
}

VOID DescribeWaitingRequests(PTEXT Text)
{
    PLIST_ENTRY entry;
    ULONGLONG now = KeQueryInterruptTime();
    KIRQL irql;

    KeAcquireSpinLock(&Requests.Lock, &irql);
    for (entry = Requests.Waiting.Flink; entry != &Requests.Waiting; entry = entry->Flink) {
        PREQUEST request = CONTAINING_RECORD(entry, REQUEST, Link);
        AppendString(Text, "request ");
        AppendNumber(Text, request->Number);
        AppendString(Text, " from ");
        AppendAddress(Text, (PSOCKADDR)&request->Remote);
        AppendString(Text, ", waiting for ");
        AppendNumber(Text, (now - min(now, request->Arrived)) / UNITS_PER_SECOND);
        AppendString(Text, " s\n");
    }
    AppendNumber(Text, Requests.WaitingCount);
    AppendString(Text, " waiting\n");
    KeReleaseSpinLock(&Requests.Lock, irql);
}

// ---- End ----------------------------------------------------------------------------------------

VOID StopRequests(VOID)
{
    PREQUEST request;
    KIRQL irql;

    KeAcquireSpinLock(&Requests.Lock, &irql);
    Requests.Stopping = TRUE;
    KeReleaseSpinLock(&Requests.Lock, irql);
    KeCancelTimer(&Requests.Timer);
    KeFlushQueuedDpcs();
    while ((request = TakeOverdue(TRUE)) != NULL) {
        GiveVerdict(request, WskInspectReject);
    }
}

VOID FreeRequests(VOID)
{
    while (!IsListEmpty(&Requests.Accepted)) {
        DropReference(CONTAINING_RECORD(RemoveHeadList(&Requests.Accepted), REQUEST, Link));
    }
}
