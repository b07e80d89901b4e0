/* SPDX-License-Identifier: MIT */
/* Pool, lookaside lists, S-lists, fast mutexes, work items, rundown protection; part of wdm.h. */
#ifndef OWSK_KM_WDM_EX_H
#define OWSK_KM_WDM_EX_H

#include <string.h>

#include <wdm/ex_types.h>
#include <wdm/ke.h>
#include <wdm/seh.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Pool ----------------------------------------------------------------------------------- */

/* Allocates pool memory, 16-byte aligned; NULL if there is none. Only ExAllocatePool2 and
 * ExAllocatePoolZero zero it. IRQL <= DISPATCH_LEVEL, paged pool <= APC_LEVEL.
 * nf-wdm-exallocatepoolwithtag, nf-wdm-exallocatepool2 */
NTKERNELAPI PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);

FORCEINLINE PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag) {
  PVOID block = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
  if (block != NULL) {
    memset(block, 0, NumberOfBytes);
  }
  return block;
}

FORCEINLINE PVOID ExAllocatePoolUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                              ULONG Tag) {
  return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

/* Frees pool memory; with a tag, the one it was allocated with. IRQL <= DISPATCH_LEVEL.
 * nf-wdm-exfreepoolwithtag */
NTKERNELAPI VOID NTAPI ExFreePool(PVOID P);
NTKERNELAPI VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag);

#define DrvRtPoolNxOptIn 0x00000001
/* Lets older systems give non-executable pool; here pool is never executable. Any IRQL.
 * nf-wdm-exinitializedriverruntime */
FORCEINLINE VOID ExInitializeDriverRuntime(ULONG RuntimeFlags) { (VOID)RuntimeFlags; }

/* ---- Lookaside lists ------------------------------------------------------------------------ */

/* Lists of blocks of one size. IRQL <= DISPATCH_LEVEL, paged lists <= APC_LEVEL.
 * nf-wdm-exinitializenpagedlookasidelist */
NTKERNELAPI VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside,
                                                       PALLOCATE_FUNCTION Allocate,
                                                       PFREE_FUNCTION Free, ULONG Flags,
                                                       SIZE_T Size, ULONG Tag, USHORT Depth);
NTKERNELAPI VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI PVOID NTAPI ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI VOID NTAPI ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);

NTKERNELAPI VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside,
                                                      PALLOCATE_FUNCTION Allocate,
                                                      PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size,
                                                      ULONG Tag, USHORT Depth);
NTKERNELAPI VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI VOID NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);

/* nf-wdm-exinitializelookasidelistex */
NTKERNELAPI NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside,
                                                       PALLOCATE_FUNCTION_EX Allocate,
                                                       PFREE_FUNCTION_EX Free, POOL_TYPE PoolType,
                                                       ULONG Flags, SIZE_T Size, ULONG Tag,
                                                       USHORT Depth);
NTKERNELAPI VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
NTKERNELAPI VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
NTKERNELAPI PVOID NTAPI ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
NTKERNELAPI VOID NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry);

/* ---- S-lists and interlocked lists ---------------------------------------------------------- */

/* Makes an empty S-list. Any IRQL. nf-wdm-exinitializeslisthead */
FORCEINLINE VOID InitializeSListHead(PSLIST_HEADER SListHead) {
  SListHead->Alignment = 0;
  SListHead->Region = 0;
}
#define ExInitializeSListHead InitializeSListHead

/* S-lists need no lock. Any IRQL. nf-wdm-exinterlockedpushentryslist */
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead,
                                                            PSLIST_ENTRY ListEntry);
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead);
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead);
NTKERNELAPI USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead);
#define InterlockedPushEntrySList ExpInterlockedPushEntrySList
#define InterlockedPopEntrySList ExpInterlockedPopEntrySList
#define InterlockedFlushSList ExpInterlockedFlushSList
#define ExInterlockedPushEntrySList(Head, Entry, Lock) ExpInterlockedPushEntrySList(Head, Entry)
#define ExInterlockedPopEntrySList(Head, Lock) ExpInterlockedPopEntrySList(Head)
#define ExInterlockedFlushSList ExpInterlockedFlushSList

/* List operations under a spin lock; the entry that was there before, or NULL. Any IRQL.
 * nf-wdm-exinterlockedinsertheadlist */
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead,
                                                          PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead,
                                                          PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);
NTKERNELAPI PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                                PSINGLE_LIST_ENTRY ListEntry,
                                                                PKSPIN_LOCK Lock);
NTKERNELAPI PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                               PKSPIN_LOCK Lock);

/* ---- Fast mutexes --------------------------------------------------------------------------- */

/* Makes a free fast mutex. IRQL <= DISPATCH_LEVEL. nf-wdm-exinitializefastmutex */
FORCEINLINE VOID ExInitializeFastMutex(PFAST_MUTEX FastMutex) {
  FastMutex->Count = 1;
  FastMutex->Owner = NULL;
  FastMutex->Contention = 0;
  KeInitializeEvent(&FastMutex->Event, SynchronizationEvent, FALSE);
}

/* Not recursive; held at APC_LEVEL. IRQL <= APC_LEVEL. nf-wdm-exacquirefastmutex */
NTKERNELAPI VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex);
NTKERNELAPI VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex);
NTKERNELAPI BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex);
NTKERNELAPI VOID NTAPI ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex);
NTKERNELAPI VOID NTAPI ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex);

/* ---- Work items ----------------------------------------------------------------------------- */

#define ExInitializeWorkItem(Item, Routine, Context)                                               \
  do {                                                                                             \
    (Item)->WorkerRoutine = (Routine);                                                             \
    (Item)->Parameter = (Context);                                                                 \
    (Item)->List.Flink = NULL;                                                                     \
  } while (0)

/* Runs a routine at PASSIVE_LEVEL on a system worker thread. IRQL <= DISPATCH_LEVEL.
 * nf-wdm-exqueueworkitem */
NTKERNELAPI VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType);

/* ---- Rundown protection --------------------------------------------------------------------- */

/* Counts users of an object and waits for the last. Acquire, release: any IRQL; wait: <= APC_LEVEL.
 * nf-wdm-exinitializerundownprotection, nf-wdm-exwaitforrundownprotectionrelease */
NTKERNELAPI VOID NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI VOID NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI VOID NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI VOID NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI VOID NTAPI ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef);

/* The mode of the current request's caller: KernelMode. Any IRQL. nf-ntifs-exgetpreviousmode */
NTKERNELAPI KPROCESSOR_MODE NTAPI ExGetPreviousMode(VOID);

#ifdef __cplusplus
}
#endif

#endif /* OWSK_KM_WDM_EX_H */
