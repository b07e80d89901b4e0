/* SPDX-License-Identifier: MIT */
/* Pool, lookaside lists, S-lists and other executive structures; part of wdm.h. */
#ifndef OWSK_KM_WDM_EX_TYPES_H
#define OWSK_KM_WDM_EX_TYPES_H

#include <wdm/ke_types.h>

typedef enum _POOL_TYPE {
  NonPagedPool = 0,
  NonPagedPoolExecute = NonPagedPool,
  PagedPool = 1,
  NonPagedPoolMustSucceed = 2,
  NonPagedPoolCacheAligned = 4,
  PagedPoolCacheAligned = 5,
  NonPagedPoolNx = 512,
  NonPagedPoolNxCacheAligned = 516
} POOL_TYPE;

#define POOL_ZERO_ALLOCATION 1024
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_REQUIRED_START 0x0000000000000001ULL
#define POOL_FLAG_USE_QUOTA 0x0000000000000001ULL
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ULL
#define POOL_FLAG_SESSION 0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ULL
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ULL
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED 0x0000000000000100ULL

#ifndef MEMORY_ALLOCATION_ALIGNMENT
#define MEMORY_ALLOCATION_ALIGNMENT 16
#endif

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
  struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;
C_ASSERT(sizeof(SLIST_ENTRY) == 0x10);

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
  struct {
    ULONGLONG Alignment;
    ULONGLONG Region;
  };
  struct {
    ULONGLONG Depth : 16;
    ULONGLONG Sequence : 48;
    ULONGLONG Reserved : 4;
    ULONGLONG NextEntry : 60;
  } HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;
C_ASSERT(sizeof(SLIST_HEADER) == 0x10 && offsetof(SLIST_HEADER, Region) == 0x8);

struct _LOOKASIDE_LIST_EX;
typedef PVOID NTAPI ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef PVOID NTAPI ALLOCATE_FUNCTION_EX(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
                                         struct _LOOKASIDE_LIST_EX *Lookaside);
typedef ALLOCATE_FUNCTION_EX *PALLOCATE_FUNCTION_EX;
typedef VOID NTAPI FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;
typedef VOID NTAPI FREE_FUNCTION_EX(PVOID Buffer, struct _LOOKASIDE_LIST_EX *Lookaside);
typedef FREE_FUNCTION_EX *PFREE_FUNCTION_EX;

/* The members of every lookaside list. */
#define OWSK_LOOKASIDE_MEMBERS                                                                     \
  union {                                                                                          \
    SLIST_HEADER ListHead;                                                                         \
    SINGLE_LIST_ENTRY SingleListHead;                                                              \
  };                                                                                               \
  USHORT Depth;                                                                                    \
  USHORT MaximumDepth;                                                                             \
  ULONG TotalAllocates;                                                                            \
  union {                                                                                          \
    ULONG AllocateMisses;                                                                          \
    ULONG AllocateHits;                                                                            \
  };                                                                                               \
  ULONG TotalFrees;                                                                                \
  union {                                                                                          \
    ULONG FreeMisses;                                                                              \
    ULONG FreeHits;                                                                                \
  };                                                                                               \
  POOL_TYPE Type;                                                                                  \
  ULONG Tag;                                                                                       \
  ULONG Size;                                                                                      \
  union {                                                                                          \
    PALLOCATE_FUNCTION_EX AllocateEx;                                                              \
    PALLOCATE_FUNCTION Allocate;                                                                   \
  };                                                                                               \
  union {                                                                                          \
    PFREE_FUNCTION_EX FreeEx;                                                                      \
    PFREE_FUNCTION Free;                                                                           \
  };                                                                                               \
  LIST_ENTRY ListEntry;                                                                            \
  ULONG LastTotalAllocates;                                                                        \
  union {                                                                                          \
    ULONG LastAllocateMisses;                                                                      \
    ULONG LastAllocateHits;                                                                        \
  };                                                                                               \
  ULONG Future[2]

typedef struct DECLSPEC_CACHEALIGN _GENERAL_LOOKASIDE {
  OWSK_LOOKASIDE_MEMBERS;
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;
C_ASSERT(sizeof(GENERAL_LOOKASIDE) == 0x80 && offsetof(GENERAL_LOOKASIDE, Depth) == 0x10);
C_ASSERT(offsetof(GENERAL_LOOKASIDE, Type) == 0x24 && offsetof(GENERAL_LOOKASIDE, Size) == 0x2c);
C_ASSERT(offsetof(GENERAL_LOOKASIDE, Allocate) == 0x30);
C_ASSERT(offsetof(GENERAL_LOOKASIDE, Free) == 0x38);
C_ASSERT(offsetof(GENERAL_LOOKASIDE, ListEntry) == 0x40);

typedef struct _GENERAL_LOOKASIDE_POOL {
  OWSK_LOOKASIDE_MEMBERS;
} GENERAL_LOOKASIDE_POOL, *PGENERAL_LOOKASIDE_POOL;

typedef struct DECLSPEC_CACHEALIGN _NPAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;
C_ASSERT(sizeof(NPAGED_LOOKASIDE_LIST) == 0x80);

typedef struct DECLSPEC_CACHEALIGN _PAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;
C_ASSERT(sizeof(PAGED_LOOKASIDE_LIST) == 0x80);

typedef struct _LOOKASIDE_LIST_EX {
  GENERAL_LOOKASIDE_POOL L;
} LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;
C_ASSERT(sizeof(LOOKASIDE_LIST_EX) == 0x60);

#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 0x00000001UL
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 0x00000002UL

typedef struct _FAST_MUTEX {
  volatile LONG Count;
  PKTHREAD Owner;
  ULONG Contention;
  KEVENT Event;
  ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;
C_ASSERT(sizeof(FAST_MUTEX) == 0x38 && offsetof(FAST_MUTEX, Event) == 0x18);
C_ASSERT(offsetof(FAST_MUTEX, Owner) == 0x8 && offsetof(FAST_MUTEX, OldIrql) == 0x30);

/* Layout only: drivers embed it, its functions are not offered yet. */
typedef struct _OWNER_ENTRY {
  ULONG_PTR OwnerThread;
  ULONG TableSize;
} OWNER_ENTRY, *POWNER_ENTRY;
C_ASSERT(sizeof(OWNER_ENTRY) == 0x10);

typedef struct _ERESOURCE {
  LIST_ENTRY SystemResourcesList;
  POWNER_ENTRY OwnerTable;
  SHORT ActiveCount;
  USHORT Flag;
  volatile PKSEMAPHORE SharedWaiters;
  volatile PKEVENT ExclusiveWaiters;
  OWNER_ENTRY OwnerEntry;
  ULONG ActiveEntries;
  ULONG ContentionCount;
  ULONG NumberOfSharedWaiters;
  ULONG NumberOfExclusiveWaiters;
  PVOID Reserved2;
  union {
    PVOID Address;
    ULONG_PTR CreatorBackTraceIndex;
  };
  KSPIN_LOCK SpinLock;
} ERESOURCE, *PERESOURCE;
C_ASSERT(sizeof(ERESOURCE) == 0x68 && offsetof(ERESOURCE, OwnerEntry) == 0x30);
C_ASSERT(offsetof(ERESOURCE, Address) == 0x58 && offsetof(ERESOURCE, SpinLock) == 0x60);

typedef struct _EX_RUNDOWN_REF {
  union {
    volatile ULONG_PTR Count;
    volatile PVOID Ptr;
  };
} EX_RUNDOWN_REF, *PEX_RUNDOWN_REF;
C_ASSERT(sizeof(EX_RUNDOWN_REF) == 0x8);

typedef ULONG_PTR EX_PUSH_LOCK, *PEX_PUSH_LOCK;

typedef VOID NTAPI WORKER_THREAD_ROUTINE(PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;

typedef enum _WORK_QUEUE_TYPE {
  CriticalWorkQueue,
  DelayedWorkQueue,
  HyperCriticalWorkQueue,
  NormalWorkQueue,
  BackgroundWorkQueue,
  RealTimeWorkQueue,
  SuperCriticalWorkQueue,
  MaximumWorkQueue
} WORK_QUEUE_TYPE;

typedef struct _WORK_QUEUE_ITEM {
  LIST_ENTRY List;
  PWORKER_THREAD_ROUTINE WorkerRoutine;
  volatile PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;
C_ASSERT(sizeof(WORK_QUEUE_ITEM) == 0x20 && offsetof(WORK_QUEUE_ITEM, WorkerRoutine) == 0x10);

#endif /* OWSK_KM_WDM_EX_TYPES_H */
