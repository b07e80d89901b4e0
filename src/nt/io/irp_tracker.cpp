// SPDX-License-Identifier: MIT
// IRPs as tracked pool blocks.
#include "nt/io/irp_tracker.h"

#include <string>

#include "nt/io/irp.h"

namespace owsk::nt::io {
namespace {

std::string describe_irp(const ex::PoolBlock&, const void* bytes) {
    const IRP* irp = static_cast<const IRP*>(bytes);
    std::string text = std::to_string(irp->StackCount) + " stack locations, ";
    return text + (irp_is_held(irp) ? "still held by the provider" : "not held by the provider");
}

const ex::BlockKind irp_block{"IRP", "IoFreeIrp", describe_irp};
constexpr ULONG irp_tag = 0x20707249;  // "Irp ", as on Windows

}  // namespace

IrpTracker::IrpTracker() noexcept {
    KeInitializeSpinLock(&cancel_lock);
}

PIRP IrpTracker::allocate(USHORT size, const void* allocated_at) noexcept {
    return static_cast<PIRP>(memory_.allocate(irp_block, size, irp_tag, allocated_at));
}

ex::PoolBlock* IrpTracker::require(const IRP* irp, const char* function) noexcept {
    return ex::PoolTracker::require(irp, irp_block, function);
}

}  // namespace owsk::nt::io
