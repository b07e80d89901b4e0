// SPDX-License-Identifier: MIT
// MmProbeAndLockPages, MmBuildMdlForNonPagedPool and their kin: the flags of an MDL, which must
// tell the truth, although memory here is always resident and mapped.
#include <wdm.h>

#include <array>
#include <string>

#include "nt/ex/pool_block.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/mm/mdl_bytes.h"
#include "nt/system.h"

namespace owsk::nt::mm {
namespace {

void set_flags(PMDL mdl, int flags) noexcept {
    mdl->MdlFlags = static_cast<CSHORT>(mdl->MdlFlags | flags);
}

void clear_flags(PMDL mdl, int flags) noexcept {
    mdl->MdlFlags = static_cast<CSHORT>(mdl->MdlFlags & ~flags);
}

// The block of an MDL of IoAllocateMdl remembers where its pages were locked or unlocked last. An
// MDL on memory of the driver has nowhere to keep that.
void note_place(const MDL* mdl, const void* place) noexcept {
    if (ex::PoolBlock* const block = ex::intact_block_at(mdl)) {
        ex::note_place(block, place);
    }
}

std::array<ULONG_PTR, 4> mdl_parameters(const MDL* mdl, int flags) noexcept {
    return {reinterpret_cast<ULONG_PTR>(mdl),
            static_cast<USHORT>(mdl->MdlFlags),
            static_cast<ULONG_PTR>(flags)};
}

// " That was at ...", or nothing.
std::string last_place(const MDL* mdl) {
    const void* const place = ex::state_of(mdl) == ex::BlockState::live
                                  ? ex::read_header(ex::block_of(mdl)).noted_at
                                  : nullptr;
    return place == nullptr ? "" : " That was at " + ke::symbol_of(place) + '.';
}

}  // namespace

void fill_page_numbers(PMDL mdl) noexcept {
    const ULONG_PTR first = reinterpret_cast<ULONG_PTR>(mdl->StartVa) >> PAGE_SHIFT;
    const ULONG pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(mdl_data(mdl), mdl->ByteCount);
    PPFN_NUMBER numbers = MmGetMdlPfnArray(mdl);
    for (ULONG i = 0; i < pages; ++i) {
        numbers[i] = first + i;
    }
}

}  // namespace owsk::nt::mm

using namespace owsk::nt;

// MmSizeOfMdl: bytes of an MDL for that memory, with its page numbers.
extern "C" SIZE_T NTAPI MmSizeOfMdl(PVOID Base, SIZE_T Length) {
    return sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Length);
}

// MmBuildMdlForNonPagedPool: completes an MDL that describes nonpaged pool; it is mapped at once.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-built-for-locked-pages
extern "C" VOID NTAPI MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "MmBuildMdlForNonPagedPool");
    if ((MemoryDescriptorList->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL)) != 0) {
        ke::broken_rule(
            owsk::Rule::mdl_built_for_locked_pages,
            "MmBuildMdlForNonPagedPool was given an MDL whose pages are locked, or which "
            "is a part of another." +
                mm::last_place(MemoryDescriptorList),
            reinterpret_cast<ULONG_PTR>(MemoryDescriptorList));
    }
    mm::set_flags(MemoryDescriptorList, MDL_SOURCE_IS_NONPAGED_POOL);
    mm::note_place(MemoryDescriptorList, __builtin_return_address(0));
    MemoryDescriptorList->Process = nullptr;
    MemoryDescriptorList->MappedSystemVa = mm::mdl_data(MemoryDescriptorList);
    mm::fill_page_numbers(MemoryDescriptorList);
}

// MmProbeAndLockPages: makes the memory stay. All addresses are taken to be valid: a bad one faults
// where it is used, and there is no exception to raise here.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-locked-twice
extern "C" VOID NTAPI MmProbeAndLockPages(PMDL MemoryDescriptorList,
                                          KPROCESSOR_MODE AccessMode,
                                          LOCK_OPERATION Operation) {
    UNREFERENCED_PARAMETER(AccessMode);
    ke::require_irql_at_most(DISPATCH_LEVEL, "MmProbeAndLockPages");
    const CSHORT unexpected = MemoryDescriptorList->MdlFlags &
                              (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL);
    if (unexpected != 0) {
        ke::broken_rule(
            owsk::Rule::mdl_locked_twice,
            {.parameters = mm::mdl_parameters(MemoryDescriptorList, unexpected),
             .sentence =
                 "MmProbeAndLockPages was given an MDL whose pages are locked already, or need "
                 "no lock because they are nonpaged pool or a part of another MDL." +
                 mm::last_place(MemoryDescriptorList)});
    }
    mm::set_flags(MemoryDescriptorList,
                  MDL_PAGES_LOCKED | (Operation == IoReadAccess ? 0 : MDL_WRITE_OPERATION));
    mm::note_place(MemoryDescriptorList, __builtin_return_address(0));
    mm::fill_page_numbers(MemoryDescriptorList);
}

// MmUnlockPages: ends MmProbeAndLockPages, and a mapping with it. Allowed while a request is
// pending.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-unlocked-without-lock
extern "C" VOID NTAPI MmUnlockPages(PMDL MemoryDescriptorList) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "MmUnlockPages");
    if ((MemoryDescriptorList->MdlFlags & MDL_PAGES_LOCKED) == 0) {
        ke::broken_rule(
            owsk::Rule::mdl_unlocked_without_lock,
            {.parameters = mm::mdl_parameters(MemoryDescriptorList, 0),
             .sentence = "MmUnlockPages was given an MDL whose pages are not locked, or no "
                         "longer." +
                         mm::last_place(MemoryDescriptorList)});
    }
    mm::clear_flags(MemoryDescriptorList,
                    MDL_PAGES_LOCKED | MDL_WRITE_OPERATION | MDL_MAPPED_TO_SYSTEM_VA);
    mm::note_place(MemoryDescriptorList, __builtin_return_address(0));
    MemoryDescriptorList->MappedSystemVa = nullptr;
}

// MmMapLockedPagesSpecifyCache: the address of the bytes. MmGetSystemAddressForMdlSafe calls it for
// an MDL that is not mapped yet.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-mapped-without-lock
extern "C" PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList,
                                                    KPROCESSOR_MODE AccessMode,
                                                    MEMORY_CACHING_TYPE CacheType,
                                                    PVOID RequestedAddress,
                                                    ULONG BugCheckOnFailure,
                                                    ULONG Priority) {
    UNREFERENCED_PARAMETER(AccessMode);
    UNREFERENCED_PARAMETER(CacheType);
    UNREFERENCED_PARAMETER(RequestedAddress);
    UNREFERENCED_PARAMETER(Priority);
    ke::require_irql_at_most(DISPATCH_LEVEL, "MmMapLockedPagesSpecifyCache");
    if (!mm::has_pages(MemoryDescriptorList)) {
        ke::broken_rule(
            owsk::Rule::mdl_mapped_without_lock,
            {.parameters = mm::mdl_parameters(MemoryDescriptorList,
                                              MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL),
             .sentence =
                 "An MDL was mapped whose pages are not locked: call MmProbeAndLockPages or "
                 "MmBuildMdlForNonPagedPool first."});
    }
    // Who asks for a bug check instead does not look at the result.
    if (BugCheckOnFailure == FALSE &&
        System::current().faults().strikes(owsk::Fault::mdl_mapping)) {
        return nullptr;
    }
    mm::set_flags(MemoryDescriptorList, MDL_MAPPED_TO_SYSTEM_VA);
    if ((MemoryDescriptorList->MdlFlags & MDL_PARTIAL) != 0) {
        mm::set_flags(MemoryDescriptorList, MDL_PARTIAL_HAS_BEEN_MAPPED);
    }
    MemoryDescriptorList->MappedSystemVa = mm::mdl_data(MemoryDescriptorList);
    return MemoryDescriptorList->MappedSystemVa;
}

// MmMapLockedPages: the same in its older form.
extern "C" PVOID NTAPI MmMapLockedPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode) {
    return MmMapLockedPagesSpecifyCache(
        MemoryDescriptorList, AccessMode, MmCached, nullptr, TRUE, NormalPagePriority);
}

// MmUnmapLockedPages: ends a mapping; the pages stay locked.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-unmapped-without-mapping
extern "C" VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList) {
    UNREFERENCED_PARAMETER(BaseAddress);
    ke::require_irql_at_most(DISPATCH_LEVEL, "MmUnmapLockedPages");
    if ((MemoryDescriptorList->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) == 0) {
        ke::broken_rule(owsk::Rule::mdl_unmapped_without_mapping,
                        "MmUnmapLockedPages was given an MDL that is not mapped.",
                        reinterpret_cast<ULONG_PTR>(MemoryDescriptorList));
    }
    mm::clear_flags(MemoryDescriptorList, MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
    MemoryDescriptorList->MappedSystemVa = nullptr;
}
