// SPDX-License-Identifier: MIT
// Lookaside lists: freed blocks of one size, kept on an S-list for the next allocation.
#include <wdm.h>

#include <algorithm>
#include <atomic>

#include "base/sanitizer.h"
#include "nt/ex/freed_pattern.h"
#include "nt/ex/pool.h"
#include "nt/ex/pool_tracker.h"
#include "nt/ke/irql.h"

namespace owsk::nt::ex {
namespace {

constexpr USHORT depth_max = 256;
#if OWSK_ADDRESS_SANITIZER
// A block that is kept would look used to the address sanitizer: every block goes back at once.
constexpr USHORT depth_kept = 0;
#else
constexpr USHORT depth_kept = depth_max;
#endif

PVOID NTAPI allocate_default(POOL_TYPE type, SIZE_T size, ULONG tag) {
    return ExAllocatePoolWithTag(type, size, tag);
}

PVOID NTAPI allocate_default_ex(POOL_TYPE type, SIZE_T size, ULONG tag, PLOOKASIDE_LIST_EX) {
    return ExAllocatePoolWithTag(type, size, tag);
}

VOID NTAPI free_default(PVOID block) {
    ExFreePool(block);
}

VOID NTAPI free_default_ex(PVOID block, PLOOKASIDE_LIST_EX) {
    ExFreePool(block);
}

// The statistics are read by nobody who minds a moment's delay.
void count(ULONG& statistic) noexcept {
    std::atomic_ref<ULONG>(statistic).fetch_add(1, std::memory_order_relaxed);
}

// A block must be able to hold the link while it is kept. `List` is one of the general lists.
template <typename List>
void initialize(List& list, POOL_TYPE type, SIZE_T size, ULONG tag) noexcept {
    list = List{};
    InitializeSListHead(&list.ListHead);
    list.Depth = depth_kept;
    list.MaximumDepth = depth_max;
    list.Type = type;
    list.Tag = tag;
    list.Size = static_cast<ULONG>(std::max(size, sizeof(SLIST_ENTRY)));
}

// What of a kept block is watched: all but its link, of a large one the beginning.
constexpr SIZE_T link_size = sizeof(SLIST_ENTRY);
constexpr SIZE_T watched_max = 512;

// A driver's own allocation function may return memory that is not a block of ours: null.
PoolBlock* block_for(const void* bytes, ULONG size) noexcept {
    PoolBlock* const block = intact_block_at(bytes);
    return block != nullptr && size_of(block) >= size ? block : nullptr;
}

SIZE_T watched(ULONG size) noexcept {
    return std::min<SIZE_T>(size, watched_max) - link_size;
}

// The list lets go of a block, which nobody may have written to meanwhile.
void let_go(PVOID bytes, ULONG size, const char* function) noexcept {
    PoolBlock* const block = block_for(bytes, size);
    if (block == nullptr) {
        return;
    }
    const auto offset = written_after_free(static_cast<char*>(bytes) + link_size, watched(size));
    if (offset.has_value()) {
        PoolTracker::refuse_written(bytes, link_size + *offset, function);
    }
    note_kept(block, false);
}

template <typename List>
PVOID take_kept(List& list, const char* function) noexcept {
    count(list.TotalAllocates);
    const PVOID block = InterlockedPopEntrySList(&list.ListHead);
    if (block == nullptr) {
        count(list.AllocateMisses);
    } else {
        let_go(block, list.Size, function);
    }
    return block;
}

template <typename List>
bool keep(List& list, PVOID bytes, const char* function, const void* place) noexcept {
    PoolBlock* const block = block_for(bytes, list.Size);
    if (block != nullptr) {
        PoolTracker::require_not_held(block, function);
    }
    count(list.TotalFrees);
    if (ExQueryDepthSList(&list.ListHead) >= list.Depth) {
        count(list.FreeMisses);
        return false;
    }
    if (block != nullptr) {
        note_free(block, place);
        note_kept(block, true);
        fill_freed(static_cast<char*>(bytes) + link_size, watched(list.Size));
    }
    InterlockedPushEntrySList(&list.ListHead, static_cast<PSLIST_ENTRY>(bytes));
    return true;
}

void require_irql(POOL_TYPE type, const char* function) noexcept {
    const bool paged = (static_cast<unsigned>(type) & PagedPool) != 0;
    ke::require_irql_at_most(paged ? APC_LEVEL : DISPATCH_LEVEL, function);
}

void initialize_general(GENERAL_LOOKASIDE& list,
                        PALLOCATE_FUNCTION allocate,
                        PFREE_FUNCTION free,
                        POOL_TYPE type,
                        SIZE_T size,
                        ULONG tag) noexcept {
    initialize(list, type, size, tag);
    list.Allocate = allocate != nullptr ? allocate : allocate_default;
    list.Free = free != nullptr ? free : free_default;
}

PVOID allocate_from(GENERAL_LOOKASIDE& list, const void* caller, const char* function) noexcept {
    require_irql(list.Type, function);
    if (const PVOID kept = take_kept(list, function)) {
        return kept;
    }
    return list.Allocate == allocate_default
               ? allocate_pool(list.Type, list.Size, list.Tag, caller, function)
               : list.Allocate(list.Type, list.Size, list.Tag);
}

void free_to(GENERAL_LOOKASIDE& list,
             PVOID block,
             const char* function,
             const void* place) noexcept {
    require_irql(list.Type, function);
    if (!keep(list, block, function, place)) {
        list.Free(block);
    }
}

void empty(GENERAL_LOOKASIDE& list) noexcept {
    while (const PVOID block = InterlockedPopEntrySList(&list.ListHead)) {
        let_go(block, list.Size, "Deleting a lookaside list");
        list.Free(block);
    }
}

void empty(PLOOKASIDE_LIST_EX list) noexcept {
    while (const PVOID block = InterlockedPopEntrySList(&list->L.ListHead)) {
        let_go(block, list->L.Size, "Deleting a lookaside list");
        list->L.FreeEx(block, list);
    }
}

}  // namespace
}  // namespace owsk::nt::ex

using namespace owsk::nt;

// ExInitializeNPagedLookasideList: an empty list of blocks of nonpaged pool.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside,
                                                      PALLOCATE_FUNCTION Allocate,
                                                      PFREE_FUNCTION Free,
                                                      ULONG Flags,
                                                      SIZE_T Size,
                                                      ULONG Tag,
                                                      USHORT Depth) {
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(Depth);
    ke::require_irql_at_most(DISPATCH_LEVEL, "ExInitializeNPagedLookasideList");
    ex::initialize_general(Lookaside->L, Allocate, Free, NonPagedPoolNx, Size, Tag);
}

// ExDeleteNPagedLookasideList: frees the blocks that are kept. Those in use are the driver's to
// free.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "ExDeleteNPagedLookasideList");
    ex::empty(Lookaside->L);
}

// ExAllocateFromNPagedLookasideList: a kept block, or a new one, or null.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PVOID NTAPI ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside) {
    return ex::allocate_from(
        Lookaside->L, __builtin_return_address(0), "ExAllocateFromNPagedLookasideList");
}

// ExFreeToNPagedLookasideList: keeps the block, or frees it when enough are kept.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry) {
    ex::free_to(Lookaside->L, Entry, "ExFreeToNPagedLookasideList", __builtin_return_address(0));
}

// ExInitializePagedLookasideList: an empty list of blocks of paged pool.
//
// IRQL       <= APC_LEVEL, as for all functions of such a list
extern "C" VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside,
                                                     PALLOCATE_FUNCTION Allocate,
                                                     PFREE_FUNCTION Free,
                                                     ULONG Flags,
                                                     SIZE_T Size,
                                                     ULONG Tag,
                                                     USHORT Depth) {
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(Depth);
    ke::require_irql_at_most(APC_LEVEL, "ExInitializePagedLookasideList");
    ex::initialize_general(Lookaside->L, Allocate, Free, PagedPool, Size, Tag);
}

// ExDeletePagedLookasideList: frees the blocks that are kept.
extern "C" VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside) {
    ke::require_irql_at_most(APC_LEVEL, "ExDeletePagedLookasideList");
    ex::empty(Lookaside->L);
}

// ExAllocateFromPagedLookasideList: a kept block, or a new one, or null.
extern "C" PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside) {
    return ex::allocate_from(
        Lookaside->L, __builtin_return_address(0), "ExAllocateFromPagedLookasideList");
}

// ExFreeToPagedLookasideList: keeps the block, or frees it when enough are kept.
extern "C" VOID NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry) {
    ex::free_to(Lookaside->L, Entry, "ExFreeToPagedLookasideList", __builtin_return_address(0));
}

// ExInitializeLookasideListEx: a list of either kind, whose functions are told the list.
//
// IRQL       <= DISPATCH_LEVEL
// Choice     EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL is refused: there is no exception to raise
extern "C" NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside,
                                                      PALLOCATE_FUNCTION_EX Allocate,
                                                      PFREE_FUNCTION_EX Free,
                                                      POOL_TYPE PoolType,
                                                      ULONG Flags,
                                                      SIZE_T Size,
                                                      ULONG Tag,
                                                      USHORT Depth) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "ExInitializeLookasideListEx");
    if (Depth != 0) {
        return STATUS_INVALID_PARAMETER_8;
    }
    if ((Flags & EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL) != 0) {
        return STATUS_INVALID_PARAMETER_5;
    }
    ex::initialize(Lookaside->L, PoolType, Size, Tag);
    Lookaside->L.AllocateEx = Allocate != nullptr ? Allocate : ex::allocate_default_ex;
    Lookaside->L.FreeEx = Free != nullptr ? Free : ex::free_default_ex;
    return STATUS_SUCCESS;
}

// ExDeleteLookasideListEx: frees the blocks that are kept.
extern "C" VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
    ex::require_irql(Lookaside->L.Type, "ExDeleteLookasideListEx");
    ex::empty(Lookaside);
}

// ExFlushLookasideListEx: the same; the list stays in use.
extern "C" VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
    ex::require_irql(Lookaside->L.Type, "ExFlushLookasideListEx");
    ex::empty(Lookaside);
}

// ExAllocateFromLookasideListEx: a kept block, or a new one, or null.
extern "C" PVOID NTAPI ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
    ex::require_irql(Lookaside->L.Type, "ExAllocateFromLookasideListEx");
    auto& list = Lookaside->L;
    if (const PVOID kept = ex::take_kept(list, "ExAllocateFromLookasideListEx")) {
        return kept;
    }
    return list.AllocateEx == ex::allocate_default_ex
               ? ex::allocate_pool(list.Type,
                                   list.Size,
                                   list.Tag,
                                   __builtin_return_address(0),
                                   "ExAllocateFromLookasideListEx")
               : list.AllocateEx(list.Type, list.Size, list.Tag, Lookaside);
}

// ExFreeToLookasideListEx: keeps the block, or frees it when enough are kept.
extern "C" VOID NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry) {
    ex::require_irql(Lookaside->L.Type, "ExFreeToLookasideListEx");
    if (!ex::keep(Lookaside->L, Entry, "ExFreeToLookasideListEx", __builtin_return_address(0))) {
        Lookaside->L.FreeEx(Entry, Lookaside);
    }
}
