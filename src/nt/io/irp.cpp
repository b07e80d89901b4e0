// SPDX-License-Identifier: MIT
// IoAllocateIrp, IoFreeIrp, IoInitializeIrp, IoReuseIrp: the life of an IRP.
#include "nt/io/irp.h"

#include <cstring>

#include "base/dead_mark.h"
#include "nt/io/completion_frame.h"
#include "nt/io/irp_marks.h"
#include "nt/io/irp_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

using namespace owsk::nt;

namespace {

void initialize(PIRP irp, USHORT size, CCHAR stack_count, unsigned allocation_flags) noexcept {
    std::memset(static_cast<void*>(irp), 0, size);
    irp->Type = IO_TYPE_IRP;
    irp->Size = size;
    irp->StackCount = stack_count;
    irp->CurrentLocation = static_cast<CHAR>(stack_count + 1);
    irp->AllocationFlags = static_cast<UCHAR>(allocation_flags);
    InitializeListHead(&irp->ThreadListEntry);
    irp->Tail.Overlay.CurrentStackLocation = io::first_stack_location(irp) + stack_count;
}

PIRP allocate(CCHAR stack_size, const void* caller, const char* function) noexcept {
    ke::require_irql_at_most(DISPATCH_LEVEL, function);
    // One location below the count is what CurrentLocation can still express.
    if (stack_size < 0 || stack_size > 126) {
        return nullptr;
    }
    System& system = System::current();
    if (system.faults().strikes(owsk::Fault::irp_allocation)) {
        return nullptr;
    }
    const USHORT size = IoSizeOfIrp(stack_size);
    const PIRP irp = system.irps.allocate(size, caller);
    if (irp != nullptr) {
        initialize(irp, size, stack_size, io::allocated_mark);
    }
    return irp;
}

// Fresh storage may hold anything, so only what looks like an IRP in every respect is taken for
// one.
bool looks_like_irp(const IRP* irp, USHORT size) noexcept {
    return irp->Type == IO_TYPE_IRP && irp->Size == size && IoSizeOfIrp(irp->StackCount) == size;
}

}  // namespace

// IoAllocateIrp: an IRP with `StackSize` stack locations, or null.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota) {
    UNREFERENCED_PARAMETER(ChargeQuota);
    return allocate(StackSize, __builtin_return_address(0), "IoAllocateIrp");
}

// IoAllocateIrpEx: the same; what may be known about the device changes nothing here.
extern "C" PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT DeviceObject,
                                      CCHAR StackSize,
                                      BOOLEAN ChargeQuota) {
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(ChargeQuota);
    return allocate(StackSize, __builtin_return_address(0), "IoAllocateIrpEx");
}

// IoFreeIrp: ends an IRP that IoAllocateIrp made, in its completion routine or later.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   irp-freed-while-pending
extern "C" VOID NTAPI IoFreeIrp(PIRP Irp) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoFreeIrp");
    ex::PoolBlock* const block = io::IrpTracker::require(Irp, "IoFreeIrp");
    io::require_not_held(Irp, owsk::Rule::irp_freed_while_pending, "IoFreeIrp");
    io::CompletionFrame::mark_freed(Irp);
    owsk::mark_dead(Irp->Type, CSHORT{0});
    ex::PoolTracker::free(block, "IoFreeIrp", __builtin_return_address(0));
}

// IoInitializeIrp: makes an IRP of storage that the driver owns.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   irp-initialized-while-pending
// Choice     an IRP of IoAllocateIrp, which should go through IoReuseIrp, stays one of
// IoAllocateIrp
extern "C" VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize) {
    unsigned allocation_flags = 0;
    if (looks_like_irp(Irp, PacketSize)) {
        io::require_not_held(Irp, owsk::Rule::irp_initialized_while_pending, "IoInitializeIrp");
        allocation_flags = Irp->AllocationFlags & io::allocated_mark;
    }
    if (PacketSize < IoSizeOfIrp(StackSize)) {
        ke::broken_rule(owsk::Rule::irp_initialized_without_room,
                        "IoInitializeIrp was given " + std::to_string(PacketSize) + " bytes for " +
                            std::to_string(StackSize) + " stack locations, which take " +
                            std::to_string(IoSizeOfIrp(StackSize)) + ".",
                        reinterpret_cast<ULONG_PTR>(Irp));
    }
    initialize(Irp, PacketSize, StackSize, allocation_flags);
}

// IoReuseIrp: makes a completed IRP as new, with `Iostatus` as its status.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   irp-reused-while-pending
extern "C" VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Iostatus) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoReuseIrp");
    io::require_not_held(Irp, owsk::Rule::irp_reused_while_pending, "IoReuseIrp");
    initialize(Irp, Irp->Size, Irp->StackCount, Irp->AllocationFlags);
    Irp->IoStatus.Status = Iostatus;
    if (io::irp_is_allocated(Irp)) {
        io::IrpTracker::note_completion(Irp, nullptr);
    }
}

// IoCleanupIrp: the end of an IRP that IoInitializeIrp made. It holds nothing that would have to
// go.
//
// Verifier   irp-freed-while-pending
extern "C" VOID NTAPI IoCleanupIrp(PIRP Irp) {
    io::require_not_held(Irp, owsk::Rule::irp_freed_while_pending, "IoCleanupIrp");
}
