// SPDX-License-Identifier: MIT
// IoAllocateMdl, IoBuildPartialMdl, IoFreeMdl: MDLs that come from the system.
#include <wdm.h>

#include "nt/ex/pool_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/mm/mdl_bytes.h"
#include "nt/system.h"

using namespace owsk::nt;

namespace {

std::string describe_mdl(const ex::PoolBlock& block, const void* bytes) {
    const MDL* mdl = static_cast<const MDL*>(bytes);
    std::string text = "for " + std::to_string(mdl->ByteCount) + " bytes";
    return (mdl->MdlFlags & MDL_PAGES_LOCKED) != 0
               ? text + ", pages still locked since " + ke::symbol_of(block.noted_at)
               : text;
}

const ex::BlockKind mdl_block{"MDL", "IoFreeMdl", describe_mdl};
constexpr ULONG mdl_tag = 0x206C644D;  // "Mdl ", as on Windows

// What a part takes over from the MDL that it is a part of.
constexpr int inherited = MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_PAGE_READ;

}  // namespace

// IoAllocateMdl: an MDL for a buffer, or null. With an IRP it becomes the IRP's MDL, or, as a
// secondary buffer, the last of the IRP's chain.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PMDL NTAPI IoAllocateMdl(
    PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp) {
    UNREFERENCED_PARAMETER(ChargeQuota);
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoAllocateMdl");
    System& system = System::current();
    if (system.faults().strikes(owsk::Fault::mdl_allocation)) {
        return nullptr;
    }
    const SIZE_T size = MmSizeOfMdl(VirtualAddress, Length);
    const PMDL mdl = static_cast<PMDL>(
        system.pool.allocate(mdl_block, size, mdl_tag, __builtin_return_address(0)));
    if (mdl == nullptr) {
        return nullptr;
    }
    MmInitializeMdl(mdl, VirtualAddress, Length);
    mdl->Process = nullptr;
    mdl->MappedSystemVa = nullptr;
    if (Irp != nullptr) {
        PMDL* link = &Irp->MdlAddress;
        while (SecondaryBuffer && *link != nullptr) {
            link = &(*link)->Next;
        }
        *link = mdl;
    }
    return mdl;
}

// IoFreeMdl: ends one MDL of IoAllocateMdl, not the chain that it may be in.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   mdl-freed-while-locked
extern "C" VOID NTAPI IoFreeMdl(PMDL Mdl) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoFreeMdl");
    ex::PoolBlock* const block = ex::PoolTracker::require(Mdl, mdl_block, "IoFreeMdl");
    if ((Mdl->MdlFlags & MDL_PAGES_LOCKED) != 0) {
        ke::broken_rule(owsk::Rule::mdl_freed_while_locked,
                        "IoFreeMdl was given an MDL whose pages are still locked, since " +
                            ke::symbol_of(ex::read_header(block).noted_at) +
                            ": call MmUnlockPages first.",
                        reinterpret_cast<ULONG_PTR>(Mdl));
    }
    ex::PoolTracker::free(block, "IoFreeMdl", __builtin_return_address(0));
}

// IoBuildPartialMdl: makes `TargetMdl` describe a part of what `SourceMdl` describes. Length 0
// stands for the rest.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   partial-mdl-built-beyond-its-source
extern "C" VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl,
                                        PMDL TargetMdl,
                                        PVOID VirtualAddress,
                                        ULONG Length) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoBuildPartialMdl");
    const ULONG_PTR offset = reinterpret_cast<ULONG_PTR>(VirtualAddress) -
                             reinterpret_cast<ULONG_PTR>(mm::mdl_data(SourceMdl));
    const ULONG rest =
        offset <= SourceMdl->ByteCount ? SourceMdl->ByteCount - static_cast<ULONG>(offset) : 0;
    if (offset > SourceMdl->ByteCount || Length > rest) {
        ke::broken_rule(
            owsk::Rule::partial_mdl_built_beyond_its_source,
            "IoBuildPartialMdl was asked for bytes that its source MDL does not describe.",
            reinterpret_cast<ULONG_PTR>(SourceMdl));
    }
    const ULONG count = Length == 0 ? rest : Length;
    const SIZE_T needed = MmSizeOfMdl(VirtualAddress, count);
    if (needed > static_cast<USHORT>(TargetMdl->Size)) {
        ke::broken_rule(owsk::Rule::partial_mdl_built_without_room,
                        "The target MDL of IoBuildPartialMdl has no room for the pages of " +
                            std::to_string(count) + " bytes.",
                        reinterpret_cast<ULONG_PTR>(TargetMdl));
    }
    TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
    TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    TargetMdl->ByteCount = count;
    TargetMdl->Process = SourceMdl->Process;
    TargetMdl->MdlFlags = static_cast<CSHORT>(MDL_PARTIAL | (SourceMdl->MdlFlags & inherited));
    const bool mapped =
        (TargetMdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA)) != 0;
    TargetMdl->MappedSystemVa = mapped ? VirtualAddress : nullptr;
    mm::fill_page_numbers(TargetMdl);
}
