/* SPDX-License-Identifier: MIT */
/* Dispatcher objects, locks and processors: the structures of the kernel; part of wdm.h. */
#ifndef OWSK_KM_WDM_KE_TYPES_H
#define OWSK_KM_WDM_KE_TYPES_H

#include <ntdef.h>
#include <stddef.h>

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define CLOCK_LEVEL 13
#define IPI_LEVEL 14
#define HIGH_LEVEL 15

#define THREAD_WAIT_OBJECTS 3
#define MAXIMUM_WAIT_OBJECTS 64
#define MAXIMUM_PROCESSORS 64
#define ALL_PROCESSOR_GROUPS 0xffff
#define INVALID_PROCESSOR_INDEX 0xffffffff

#define LOW_PRIORITY 0
#define LOW_REALTIME_PRIORITY 16
#define HIGH_PRIORITY 31

#define IO_NO_INCREMENT 0
#define EVENT_INCREMENT 1
#define SEMAPHORE_INCREMENT 1
#define MUTANT_INCREMENT 1

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;
typedef CCHAR KPROCESSOR_MODE;
typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;

typedef struct _KTHREAD *PKTHREAD, *PRKTHREAD;
typedef struct _KPROCESS *PKPROCESS, *PRKPROCESS;

typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef enum _TIMER_TYPE { NotificationTimer, SynchronizationTimer } TIMER_TYPE;
typedef enum _WAIT_TYPE { WaitAll, WaitAny } WAIT_TYPE;

typedef enum _KWAIT_REASON {
  Executive,
  FreePage,
  PageIn,
  PoolAllocation,
  DelayExecution,
  Suspended,
  UserRequest,
  WrExecutive,
  MaximumWaitReason = 0x28
} KWAIT_REASON;

typedef enum _KDPC_IMPORTANCE {
  LowImportance,
  MediumImportance,
  HighImportance,
  MediumHighImportance
} KDPC_IMPORTANCE;

/* DISPATCHER_HEADER.Type. */
typedef enum _KOBJECTS {
  EventNotificationObject = 0,
  EventSynchronizationObject = 1,
  MutantObject = 2,
  ProcessObject = 3,
  QueueObject = 4,
  SemaphoreObject = 5,
  ThreadObject = 6,
  TimerNotificationObject = 8,
  TimerSynchronizationObject = 9,
  ApcObject = 18,
  DpcObject = 19,
  DeviceQueueObject = 20,
  ThreadedDpcObject = 24
} KOBJECTS;

typedef struct _DISPATCHER_HEADER {
  union {
    volatile LONG Lock;
    struct {
      UCHAR Type;
      union {
        UCHAR TimerControlFlags;
        UCHAR Abandoned;
        BOOLEAN Signalling;
        UCHAR ThreadReserved;
      };
      union {
        UCHAR ThreadControlFlags;
        UCHAR Size;
        UCHAR Hand;
      };
      union {
        UCHAR TimerMiscFlags;
        BOOLEAN DebugActive;
        BOOLEAN DpcActive;
        BOOLEAN Inserted;
      };
    };
  };
  LONG SignalState;
  LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;
C_ASSERT(sizeof(DISPATCHER_HEADER) == 0x18);
C_ASSERT(offsetof(DISPATCHER_HEADER, SignalState) == 0x4);
C_ASSERT(offsetof(DISPATCHER_HEADER, WaitListHead) == 0x8);
C_ASSERT(offsetof(DISPATCHER_HEADER, Size) == 0x2 && offsetof(DISPATCHER_HEADER, Inserted) == 0x3);

typedef struct _KEVENT {
  DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;
C_ASSERT(sizeof(KEVENT) == 0x18);

typedef struct _KSEMAPHORE {
  DISPATCHER_HEADER Header;
  LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;
C_ASSERT(sizeof(KSEMAPHORE) == 0x20 && offsetof(KSEMAPHORE, Limit) == 0x18);

typedef struct _KMUTANT {
  DISPATCHER_HEADER Header;
  LIST_ENTRY MutantListEntry;
  struct _KTHREAD *OwnerThread;
  BOOLEAN Abandoned;
  UCHAR ApcDisable;
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;
C_ASSERT(sizeof(KMUTANT) == 0x38 && offsetof(KMUTANT, OwnerThread) == 0x28);
C_ASSERT(offsetof(KMUTANT, Abandoned) == 0x30 && offsetof(KMUTANT, ApcDisable) == 0x31);

struct _KDPC;
typedef VOID NTAPI KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext,
                                     PVOID SystemArgument1, PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

typedef struct _KDPC {
  union {
    ULONG TargetInfoAsUlong;
    struct {
      UCHAR Type;
      UCHAR Importance;
      volatile USHORT Number;
    };
  };
  LIST_ENTRY DpcListEntry;
  PKDEFERRED_ROUTINE DeferredRoutine;
  PVOID DeferredContext;
  PVOID SystemArgument1;
  PVOID SystemArgument2;
  PVOID DpcData;
} KDPC, *PKDPC, *PRKDPC;
C_ASSERT(sizeof(KDPC) == 0x40 && offsetof(KDPC, DpcListEntry) == 0x8);
C_ASSERT(offsetof(KDPC, DeferredRoutine) == 0x18 && offsetof(KDPC, DpcData) == 0x38);

typedef struct _KTIMER {
  DISPATCHER_HEADER Header;
  ULARGE_INTEGER DueTime;
  LIST_ENTRY TimerListEntry;
  struct _KDPC *Dpc;
  USHORT Processor;
  USHORT TimerType;
  ULONG Period;
} KTIMER, *PKTIMER, *PRKTIMER;
C_ASSERT(sizeof(KTIMER) == 0x40 && offsetof(KTIMER, DueTime) == 0x18);
C_ASSERT(offsetof(KTIMER, TimerListEntry) == 0x20 && offsetof(KTIMER, Dpc) == 0x30);
C_ASSERT(offsetof(KTIMER, Processor) == 0x38 && offsetof(KTIMER, Period) == 0x3c);

/* The head is the driver's, the routines are the system's. */
typedef struct _KAPC {
  UCHAR Type;
  UCHAR SpareByte0;
  UCHAR Size;
  UCHAR SpareByte1;
  ULONG SpareLong0;
  struct _KTHREAD *Thread;
  LIST_ENTRY ApcListEntry;
  PVOID KernelRoutine;
  PVOID RundownRoutine;
  PVOID NormalRoutine;
  PVOID NormalContext;
  PVOID SystemArgument1;
  PVOID SystemArgument2;
  CCHAR ApcStateIndex;
  KPROCESSOR_MODE ApcMode;
  BOOLEAN Inserted;
} KAPC, *PKAPC, *PRKAPC;
C_ASSERT(sizeof(KAPC) == 0x58 && offsetof(KAPC, NormalContext) == 0x38);
C_ASSERT(offsetof(KAPC, ApcStateIndex) == 0x50 && offsetof(KAPC, Inserted) == 0x52);

typedef struct _KWAIT_BLOCK {
  LIST_ENTRY WaitListEntry;
  struct _KTHREAD *Thread;
  PVOID Object;
  struct _KWAIT_BLOCK *NextWaitBlock;
  USHORT WaitKey;
  UCHAR WaitType;
  volatile UCHAR BlockState;
  LONG SpareLong;
} KWAIT_BLOCK, *PKWAIT_BLOCK, *PRKWAIT_BLOCK;
C_ASSERT(sizeof(KWAIT_BLOCK) == 0x30 && offsetof(KWAIT_BLOCK, Thread) == 0x10);
C_ASSERT(offsetof(KWAIT_BLOCK, WaitKey) == 0x28 && offsetof(KWAIT_BLOCK, BlockState) == 0x2b);

typedef struct _KSPIN_LOCK_QUEUE {
  struct _KSPIN_LOCK_QUEUE *volatile Next;
  volatile PKSPIN_LOCK Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;
C_ASSERT(sizeof(KSPIN_LOCK_QUEUE) == 0x10);

typedef struct _KLOCK_QUEUE_HANDLE {
  KSPIN_LOCK_QUEUE LockQueue;
  KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;
C_ASSERT(sizeof(KLOCK_QUEUE_HANDLE) == 0x18 && offsetof(KLOCK_QUEUE_HANDLE, OldIrql) == 0x10);

typedef struct _KDEVICE_QUEUE_ENTRY {
  LIST_ENTRY DeviceListEntry;
  ULONG SortKey;
  BOOLEAN Inserted;
} KDEVICE_QUEUE_ENTRY, *PKDEVICE_QUEUE_ENTRY;
C_ASSERT(sizeof(KDEVICE_QUEUE_ENTRY) == 0x18 && offsetof(KDEVICE_QUEUE_ENTRY, Inserted) == 0x14);

typedef struct _KDEVICE_QUEUE {
  CSHORT Type;
  CSHORT Size;
  LIST_ENTRY DeviceListHead;
  KSPIN_LOCK Lock;
  union {
    BOOLEAN Busy;
    LONG64 Reserved;
  };
} KDEVICE_QUEUE, *PKDEVICE_QUEUE;
C_ASSERT(sizeof(KDEVICE_QUEUE) == 0x28 && offsetof(KDEVICE_QUEUE, Busy) == 0x20);

typedef struct _PROCESSOR_NUMBER {
  USHORT Group;
  UCHAR Number;
  UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;
C_ASSERT(sizeof(PROCESSOR_NUMBER) == 0x4);

typedef struct _GROUP_AFFINITY {
  KAFFINITY Mask;
  USHORT Group;
  USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;
C_ASSERT(sizeof(GROUP_AFFINITY) == 0x10);

typedef struct _KSYSTEM_TIME {
  ULONG LowPart;
  LONG High1Time;
  LONG High2Time;
} KSYSTEM_TIME, *PKSYSTEM_TIME;
C_ASSERT(sizeof(KSYSTEM_TIME) == 0xc);

typedef VOID NTAPI KSTART_ROUTINE(PVOID StartContext);
typedef KSTART_ROUTINE *PKSTART_ROUTINE;

#endif /* OWSK_KM_WDM_KE_TYPES_H */
