// SPDX-License-Identifier: MIT
// ExAllocatePool..., ExFreePool...: the system's memory for drivers.
#include "nt/ex/pool.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "nt/ex/pool_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

namespace owsk::nt::ex {
namespace {

// The two kinds differ in the IRQL at which a block may be had and given back.
const BlockKind nonpaged_block{"pool block", "ExFreePool", nullptr};
const BlockKind paged_block{"pool block", "ExFreePool", nullptr};

// Neither a zero, nor a valid pointer, nor a small number: whoever relies on fresh memory being
// zeroes finds out at once.
constexpr int fresh_pattern = 0xC5;
// Of more only the beginning: the pages of a large buffer cost nothing until somebody uses them.
constexpr SIZE_T fresh_pattern_max = 512;
constexpr ULONG default_tag = 0x656E6F4E;  // "None", as on Windows
constexpr ULONG protected_tag_bit = 0x80000000;

void* allocate(bool paged,
               SIZE_T size,
               ULONG tag,
               int fill,
               const void* caller,
               const char* function) noexcept {
    ke::require_irql_at_most(paged ? APC_LEVEL : DISPATCH_LEVEL, function);
    System& system = System::current();
    if (system.faults().strikes(Fault::pool_allocation)) {
        return nullptr;
    }
    const BlockKind& kind = paged ? paged_block : nonpaged_block;
    void* bytes = system.pool.allocate(kind, size, tag & ~protected_tag_bit, caller);
    if (bytes != nullptr) {
        std::memset(bytes, fill, fill == 0 ? size : std::min(size, fresh_pattern_max));
    }
    return bytes;
}

bool is_paged(POOL_TYPE type) noexcept {
    return (static_cast<unsigned>(type) & PagedPool) != 0;
}

[[noreturn, gnu::cold]] void refuse_tag(const PoolBlock* freed,
                                        ULONG expected,
                                        const char* function) noexcept {
    const PoolBlock block = read_header(freed);
    ke::broken_rule(Rule::pool_block_freed_with_wrong_tag,
                    {.parameters = {reinterpret_cast<ULONG_PTR>(freed + 1), block.tag, expected},
                     .sentence = std::string(function) + " was given " + tag_to_text(expected) +
                                 " for a block that was allocated with " + tag_to_text(block.tag) +
                                 " at " + ke::symbol_of(block.allocated_at) + "."});
}

[[noreturn, gnu::cold]] void refuse_null(const char* function) noexcept {
    ke::broken_rule(Rule::null_pointer_freed, std::string(function) + " was given a null pointer.");
}

void free_block(void* bytes, ULONG tag, const char* function, const void* caller) noexcept {
    if (bytes == nullptr) {
        refuse_null(function);
    }
    PoolBlock* const block = intact_block_at(bytes);
    const bool paged = block != nullptr && is_of_kind(block, paged_block);
    ke::require_irql_at_most(paged ? APC_LEVEL : DISPATCH_LEVEL, function);
    if (block == nullptr || (!paged && !is_of_kind(block, nonpaged_block))) {
        PoolTracker::refuse(bytes, function);
    }
    const ULONG expected = tag & ~protected_tag_bit;
    if (expected != 0 && expected != tag_of(block)) {
        refuse_tag(block, expected, function);
    }
    PoolTracker::free(block, function, caller);
}

}  // namespace

void* allocate_pool(
    POOL_TYPE type, SIZE_T size, ULONG tag, const void* caller, const char* function) noexcept {
    const bool zeroed = (static_cast<unsigned>(type) & POOL_ZERO_ALLOCATION) != 0;
    return allocate(is_paged(type), size, tag, zeroed ? 0 : fresh_pattern, caller, function);
}

}  // namespace owsk::nt::ex

using namespace owsk::nt;

// ExAllocatePoolWithTag: memory with arbitrary content, or null.
//
// IRQL       <= DISPATCH_LEVEL, or <= APC_LEVEL for paged pool
extern "C" PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag) {
    return ex::allocate_pool(
        PoolType, NumberOfBytes, Tag, __builtin_return_address(0), "ExAllocatePoolWithTag");
}

// ExAllocatePool: the same with the tag 'None'.
extern "C" PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes) {
    return ex::allocate_pool(
        PoolType, NumberOfBytes, ex::default_tag, __builtin_return_address(0), "ExAllocatePool");
}

// ExAllocatePool2: memory that is zeroed unless the flags say that it need not be, or null.
//
// IRQL       <= DISPATCH_LEVEL, or <= APC_LEVEL for paged pool
// Choice     flags that name no pool, or several, get null, as documented
extern "C" PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag) {
    const POOL_FLAGS pool =
        Flags & (POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED);
    if (pool == 0 || (pool & (pool - 1)) != 0) {
        return nullptr;
    }
    return ex::allocate(pool == POOL_FLAG_PAGED,
                        NumberOfBytes,
                        Tag,
                        (Flags & POOL_FLAG_UNINITIALIZED) != 0 ? ex::fresh_pattern : 0,
                        __builtin_return_address(0),
                        "ExAllocatePool2");
}

// ExFreePool: gives back a block, whatever its tag.
//
// IRQL       as for the allocation
extern "C" VOID NTAPI ExFreePool(PVOID P) {
    ex::free_block(P, 0, "ExFreePool", __builtin_return_address(0));
}

// ExFreePoolWithTag: gives back a block that was allocated with `Tag`; 0 stands for any.
extern "C" VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag) {
    ex::free_block(P, Tag, "ExFreePoolWithTag", __builtin_return_address(0));
}
