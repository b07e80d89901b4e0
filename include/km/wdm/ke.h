/* SPDX-License-Identifier: MIT */
/* Events, waits, timers, DPCs, IRQL, spin locks, time and bug checks; part of wdm.h. */
#ifndef OWSK_KM_WDM_KE_H
#define OWSK_KM_WDM_KE_H

#include <wdm/ke_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an event. Any IRQL. nf-wdm-keinitializeevent */
NTKERNELAPI VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);

/* Signals an event; returns the previous state. IRQL <= DISPATCH_LEVEL. nf-wdm-kesetevent */
NTKERNELAPI LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);

/* Takes the signal back; the first returns the previous state. IRQL <= DISPATCH_LEVEL.
 * nf-wdm-keresetevent, nf-wdm-keclearevent */
NTKERNELAPI LONG NTAPI KeResetEvent(PRKEVENT Event);
NTKERNELAPI VOID NTAPI KeClearEvent(PRKEVENT Event);

/* Nonzero if signalled. IRQL <= DISPATCH_LEVEL. nf-wdm-kereadstateevent */
NTKERNELAPI LONG NTAPI KeReadStateEvent(PRKEVENT Event);

/* Waits for a dispatcher object: STATUS_SUCCESS, or STATUS_TIMEOUT after Timeout (100 ns units;
 * negative: relative, NULL: for ever). IRQL <= APC_LEVEL, with a zero timeout <= DISPATCH_LEVEL.
 * nf-wdm-kewaitforsingleobject */
NTKERNELAPI NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason,
                                                 KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                                 PLARGE_INTEGER Timeout);

/* Waits for any or all of up to MAXIMUM_WAIT_OBJECTS objects; more than THREAD_WAIT_OBJECTS need a
 * WaitBlockArray. STATUS_WAIT_0 + index, STATUS_SUCCESS, STATUS_TIMEOUT. IRQL as above.
 * nf-wdm-kewaitformultipleobjects */
NTKERNELAPI NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                                    KWAIT_REASON WaitReason,
                                                    KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                                    PLARGE_INTEGER Timeout,
                                                    PKWAIT_BLOCK WaitBlockArray);

/* Sleeps. IRQL <= APC_LEVEL. nf-wdm-kedelayexecutionthread */
NTKERNELAPI NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                                  PLARGE_INTEGER Interval);

/* Semaphores. Release: IRQL <= DISPATCH_LEVEL. nf-wdm-keinitializesemaphore,
 * nf-wdm-kereleasesemaphore */
NTKERNELAPI VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit);
NTKERNELAPI LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment,
                                          LONG Adjustment, BOOLEAN Wait);
NTKERNELAPI LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore);

/* Mutexes, owned by a thread and recursive. Release: by the owner. nf-wdm-keinitializemutex,
 * nf-wdm-kereleasemutex */
NTKERNELAPI VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level);
NTKERNELAPI LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait);
NTKERNELAPI LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex);

/* Timers; DueTime in 100 ns units, negative: relative; Period in ms. IRQL <= DISPATCH_LEVEL.
 * nf-wdm-kesettimerex, nf-wdm-kecanceltimer */
NTKERNELAPI VOID NTAPI KeInitializeTimer(PKTIMER Timer);
NTKERNELAPI VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
NTKERNELAPI BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
NTKERNELAPI BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period,
                                       PKDPC Dpc);
NTKERNELAPI BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer);
NTKERNELAPI BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer);

/* Deferred procedure calls, run at DISPATCH_LEVEL on a processor. Any IRQL, KeFlushQueuedDpcs
 * PASSIVE_LEVEL. nf-wdm-keinitializedpc, nf-wdm-keinsertqueuedpc, nf-wdm-keflushqueueddpcs */
NTKERNELAPI VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine,
                                       PVOID DeferredContext);
NTKERNELAPI BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1,
                                           PVOID SystemArgument2);
NTKERNELAPI BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc);
NTKERNELAPI VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance);
NTKERNELAPI VOID NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number);
NTKERNELAPI VOID NTAPI KeFlushQueuedDpcs(VOID);

/* The IRQL of the calling thread. nf-wdm-kegetcurrentirql, nf-wdm-keraiseirql,
 * nf-wdm-kelowerirql */
NTKERNELAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
NTKERNELAPI KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);

#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))

/* Spin locks. Acquire at <= DISPATCH_LEVEL, which it raises to; the forms for DPC level are called
 * there. nf-wdm-keinitializespinlock, nf-wdm-keacquirespinlock, nf-wdm-kereleasespinlock */
NTKERNELAPI VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
NTKERNELAPI KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
NTKERNELAPI VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock);

#define KeAcquireSpinLock(SpinLock, OldIrql) (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))

/* In-stack queued spin locks. nf-wdm-keacquireinstackqueuedspinlock */
NTKERNELAPI VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock,
                                                      PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                                PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);

/* Time in units of 100 ns, in ticks of KeQueryTimeIncrement units, or of the performance counter.
 * Any IRQL. nf-wdm-kequerysystemtime, nf-wdm-kequerytickcount */
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(VOID);
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount);
NTKERNELAPI ULONG NTAPI KeQueryTimeIncrement(VOID);
NTKERNELAPI LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
NTKERNELAPI VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds);

/* Threads and processors. nf-wdm-kegetcurrentthread, nf-wdm-kequeryactiveprocessorcountex */
NTKERNELAPI PKTHREAD NTAPI KeGetCurrentThread(VOID);
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumber(VOID);
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorIndex(VOID);
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors);
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex,
                                                         PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority);
NTKERNELAPI KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread);
NTKERNELAPI LONG NTAPI KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment);

/* Critical regions. nf-ntddk-keentercriticalregion */
NTKERNELAPI VOID NTAPI KeEnterCriticalRegion(VOID);
NTKERNELAPI VOID NTAPI KeLeaveCriticalRegion(VOID);
NTKERNELAPI BOOLEAN NTAPI KeAreApcsDisabled(VOID);

/* Ends the machine. Any IRQL. nf-wdm-kebugcheckex */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheck(ULONG BugCheckCode);
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG BugCheckCode,
                                                     ULONG_PTR BugCheckParameter1,
                                                     ULONG_PTR BugCheckParameter2,
                                                     ULONG_PTR BugCheckParameter3,
                                                     ULONG_PTR BugCheckParameter4);

/* Code that may be paged out must not run above APC_LEVEL: 0x0A, IRQL_NOT_LESS_OR_EQUAL. */
#define PAGED_CODE()                                                                               \
  ((VOID)(KeGetCurrentIrql() > APC_LEVEL                                                           \
              ? (KeBugCheckEx(0x0000000A, 0, KeGetCurrentIrql(), APC_LEVEL, 0), 0)                         \
              : 0))
#define PAGED_CODE_LOCKED() ((VOID)0)

#ifdef __cplusplus
}
#endif

#endif /* OWSK_KM_WDM_KE_H */
