/* SPDX-License-Identifier: MIT */
/* Memory descriptor lists and the memory-manager calls on them; part of wdm.h. */
#ifndef OWSK_KM_WDM_MM_H
#define OWSK_KM_WDM_MM_H

#include <ntdef.h>

#include <wdm/ke.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Pages ---------------------------------------------------------------------------------- */

#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12

typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;

#define BYTE_OFFSET(Va) ((ULONG)((ULONG_PTR)(Va) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(Va) ((PVOID)((ULONG_PTR)(Va) & ~((ULONG_PTR)PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(Size) (((ULONG_PTR)(Size) + PAGE_SIZE - 1) & ~((ULONG_PTR)PAGE_SIZE - 1))
#define BYTES_TO_PAGES(Size)                                                                      \
  (((Size) >> PAGE_SHIFT) + (((Size) & (PAGE_SIZE - 1)) != 0))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size)                                                  \
  ((ULONG)((BYTE_OFFSET(Va) + (SIZE_T)(Size) + (PAGE_SIZE - 1)) >> PAGE_SHIFT))
#define COMPUTE_PAGES_SPANNED(Va, Size) ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size)

/* ---- Memory descriptor list ----------------------------------------------------------------- */

struct _EPROCESS;

/* One virtually contiguous buffer; the array of its page frame numbers follows the structure. */
typedef struct _MDL {
  struct _MDL *Next;
  CSHORT Size;
  CSHORT MdlFlags;
  struct _EPROCESS *Process;
  PVOID MappedSystemVa;
  PVOID StartVa;
  ULONG ByteCount;
  ULONG ByteOffset;
} MDL, *PMDL;
typedef MDL *PMDLX;

C_ASSERT(sizeof(MDL) == 0x30);
C_ASSERT(offsetof(MDL, Size) == 0x08);
C_ASSERT(offsetof(MDL, MdlFlags) == 0x0a);
C_ASSERT(offsetof(MDL, Process) == 0x10);
C_ASSERT(offsetof(MDL, MappedSystemVa) == 0x18);
C_ASSERT(offsetof(MDL, StartVa) == 0x20);
C_ASSERT(offsetof(MDL, ByteCount) == 0x28);
C_ASSERT(offsetof(MDL, ByteOffset) == 0x2c);

#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_PAGES_LOCKED 0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_ALLOCATED_FIXED_SIZE 0x0008
#define MDL_PARTIAL 0x0010
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x0020
#define MDL_IO_PAGE_READ 0x0040
#define MDL_WRITE_OPERATION 0x0080
#define MDL_LOCKED_PAGE_TABLES 0x0100
#define MDL_PARENT_MAPPED_SYSTEM_VA MDL_LOCKED_PAGE_TABLES
#define MDL_FREE_EXTRA_PTES 0x0200
#define MDL_DESCRIBES_AWE 0x0400
#define MDL_IO_SPACE 0x0800
#define MDL_NETWORK_HEADER 0x1000
#define MDL_MAPPING_CAN_FAIL 0x2000
#define MDL_PAGE_CONTENTS_INVARIANT 0x4000
#define MDL_ALLOCATED_MUST_SUCCEED MDL_PAGE_CONTENTS_INVARIANT
#define MDL_INTERNAL 0x8000

#define MDL_MAPPING_FLAGS                                                                         \
  (MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL |                     \
   MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_PARENT_MAPPED_SYSTEM_VA | MDL_IO_SPACE)

typedef enum _LOCK_OPERATION { IoReadAccess, IoWriteAccess, IoModifyAccess } LOCK_OPERATION;

typedef enum _MM_PAGE_PRIORITY {
  LowPagePriority = 0,
  NormalPagePriority = 16,
  HighPagePriority = 32
} MM_PAGE_PRIORITY;

/* Flags that may be combined with a page priority. */
#define MdlMappingNoWrite 0x80000000
#define MdlMappingNoExecute 0x40000000
#define MdlMappingWithGuardPtes 0x20000000

typedef enum _MEMORY_CACHING_TYPE_ORIG {
  MmFrameBufferCached = 2
} MEMORY_CACHING_TYPE_ORIG;

typedef enum _MEMORY_CACHING_TYPE {
  MmNonCached = FALSE,
  MmCached = TRUE,
  MmWriteCombined = MmFrameBufferCached,
  MmHardwareCoherentCached,
  MmNonCachedUnordered,
  MmUSWCCached,
  MmMaximumCacheType,
  MmNotMapped = -1
} MEMORY_CACHING_TYPE;

/* ---- Functions ------------------------------------------------------------------------------ */

/* Fills in the page array of an MDL over nonpaged memory and sets its system address.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-mmbuildmdlfornonpagedpool. */
NTKERNELAPI VOID NTAPI MmBuildMdlForNonPagedPool(_Inout_ PMDL MemoryDescriptorList);

/* Checks access to an MDL's pages and locks them in memory; raises an exception on failure.
 * IRQL <= DISPATCH_LEVEL (APC_LEVEL for pageable or user memory).
 * Page nf-wdm-mmprobeandlockpages. */
NTKERNELAPI VOID NTAPI MmProbeAndLockPages(_Inout_ PMDL MemoryDescriptorList,
                                           _In_ KPROCESSOR_MODE AccessMode,
                                           _In_ LOCK_OPERATION Operation);

/* Unlocks the pages of an MDL and drops its system mapping. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-mmunlockpages. */
NTKERNELAPI VOID NTAPI MmUnlockPages(_Inout_ PMDL MemoryDescriptorList);

/* Maps the locked pages of an MDL with a cache type and returns the address; NULL, or a bug check
 * if asked for, when there is no room. IRQL <= DISPATCH_LEVEL (APC_LEVEL for UserMode).
 * Page nf-wdm-mmmaplockedpagesspecifycache. */
NTKERNELAPI PVOID NTAPI MmMapLockedPagesSpecifyCache(_In_ PMDL MemoryDescriptorList,
                                                     _In_ KPROCESSOR_MODE AccessMode,
                                                     _In_ MEMORY_CACHING_TYPE CacheType,
                                                     _In_opt_ PVOID RequestedAddress,
                                                     _In_ ULONG BugCheckOnFailure,
                                                     _In_ ULONG Priority);

/* Maps the locked pages of an MDL, cached, with a bug check on failure; superseded by the call
 * above. IRQL <= DISPATCH_LEVEL. Page nf-wdm-mmmaplockedpages. */
NTKERNELAPI PVOID NTAPI MmMapLockedPages(_In_ PMDL MemoryDescriptorList,
                                         _In_ KPROCESSOR_MODE AccessMode);

/* Releases a mapping made by MmMapLockedPagesSpecifyCache. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-mmunmaplockedpages. */
NTKERNELAPI VOID NTAPI MmUnmapLockedPages(_In_ PVOID BaseAddress,
                                          _Inout_ PMDL MemoryDescriptorList);

/* Returns the bytes that an MDL for a buffer needs, page array included. Any IRQL.
 * Page nf-wdm-mmsizeofmdl. */
NTKERNELAPI SIZE_T NTAPI MmSizeOfMdl(_In_ PVOID Base, _In_ SIZE_T Length);

/* Tells whether Driver Verifier is on; zero when it is not. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-mmisverifierenabled. */
NTKERNELAPI NTSTATUS NTAPI MmIsVerifierEnabled(_Out_ PULONG VerifierFlags);

/* Tells whether Driver Verifier checks the driver at an address; zero if not.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-mmisdriververifyingbyaddress. */
NTKERNELAPI LOGICAL NTAPI MmIsDriverVerifyingByAddress(_In_ PVOID AddressWithinSection);

/* ---- Inline access to an MDL ---------------------------------------------------------------- */

/* Page nf-wdm-mmgetmdlpfnarray. */
#define MmGetMdlPfnArray(Mdl) ((PPFN_NUMBER)((Mdl) + 1))
/* Page nf-wdm-mmgetmdlvirtualaddress. */
#define MmGetMdlVirtualAddress(Mdl) ((PVOID)((PCHAR)((Mdl)->StartVa) + (Mdl)->ByteOffset))
#define MmGetMdlBaseVa(Mdl) ((Mdl)->StartVa)
/* Page nf-wdm-mmgetmdlbytecount. */
#define MmGetMdlByteCount(Mdl) ((Mdl)->ByteCount)
/* Page nf-wdm-mmgetmdlbyteoffset. */
#define MmGetMdlByteOffset(Mdl) ((Mdl)->ByteOffset)

/* Returns a system address for an MDL's buffer, mapping it if need be; NULL when that fails.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-mmgetsystemaddressformdlsafe. */
FORCEINLINE PVOID MmGetSystemAddressForMdlSafe(_Inout_ PMDL Mdl, _In_ ULONG Priority) {
  if ((Mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) != 0) {
    return Mdl->MappedSystemVa;
  }
  return MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE, Priority);
}

/* Obsolete form of the above: a failed mapping is a bug check. */
#define MmGetSystemAddressForMdl(Mdl)                                                             \
  ((((Mdl)->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) != 0)             \
       ? (Mdl)->MappedSystemVa                                                                    \
       : MmMapLockedPages((Mdl), KernelMode))

/* Prepares the header of an MDL over a buffer; leaves the page array alone.
 * Page nf-wdm-mminitializemdl. */
FORCEINLINE VOID OwskInitializeMdl(PMDL Mdl, ULONG_PTR BaseVa, SIZE_T Length) {
  Mdl->Next = NULL;
  Mdl->Size = (CSHORT)(sizeof(MDL) +
                       sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(BaseVa, Length));
  Mdl->MdlFlags = 0;
  Mdl->StartVa = PAGE_ALIGN(BaseVa);
  Mdl->ByteOffset = BYTE_OFFSET(BaseVa);
  Mdl->ByteCount = (ULONG)Length;
}
#define MmInitializeMdl(Mdl, BaseVa, Length)                                                      \
  OwskInitializeMdl((Mdl), (ULONG_PTR)(BaseVa), (SIZE_T)(Length))

/* Drops the mapping of a partial MDL so that it can be used again.
 * Page nf-wdm-mmpreparemdlforreuse. */
FORCEINLINE VOID OwskPrepareMdlForReuse(PMDL Mdl) {
  if ((Mdl->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED) != 0) {
    MmUnmapLockedPages(Mdl->MappedSystemVa, Mdl);
  }
}
#define MmPrepareMdlForReuse(Mdl) OwskPrepareMdlForReuse(Mdl)

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_WDM_MM_H */
