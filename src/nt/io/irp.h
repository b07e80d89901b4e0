// SPDX-License-Identifier: MIT
// Who has an IRP: marks in AllocationFlags, next to the ones that Windows keeps there.
#pragma once

#include <openwsk/rules.h>
#include <wdm.h>

#include <cstddef>

#include "nt/io/irp_marks.h"
#include "nt/mm/foreign.h"

namespace owsk::nt::io {

namespace detail {
[[noreturn]] void refuse_irp(const IRP* irp, const char* function) noexcept;
[[noreturn]] void refuse_held(const IRP* irp, Rule rule, const char* function) noexcept;
}  // namespace detail

// Bug checks unless `irp` leads to an IRP, as far as one can see; `function` was given it.
inline void require_irp(const IRP* irp, const char* function) noexcept {
    mm::require_memory(irp, sizeof *irp, "an IRP", function);
    if (irp->Type != IO_TYPE_IRP) {
        detail::refuse_irp(irp, function);
    }
}

// Whether IoAllocateIrp made it. False for an IRP on storage of the driver.
inline bool irp_is_allocated(const IRP* irp) noexcept {
    return (irp->AllocationFlags & allocated_mark) != 0;
}

// A provider holds an IRP from the moment it takes it until just before it completes it. Meanwhile
// the driver may not free, reuse, initialise or complete it.
inline bool irp_is_held(const IRP* irp) noexcept {
    return (irp->AllocationFlags & held_mark) != 0;
}
// `place` is where the driver made the request.
inline void hold_irp(PIRP irp, const void* place) noexcept {
    irp->Tail.Overlay.DriverContext[3] = const_cast<void*>(place);
    irp->AllocationFlags = static_cast<UCHAR>(irp->AllocationFlags | held_mark);
}
// Precondition: held.
inline const void* held_since(const IRP* irp) noexcept {
    return irp->Tail.Overlay.DriverContext[3];
}
inline void release_irp(PIRP irp) noexcept {
    irp->AllocationFlags = static_cast<UCHAR>(irp->AllocationFlags & ~held_mark);
}

// Breaks `rule` if the IRP is held; `function` is what the driver called.
inline void require_not_held(const IRP* irp, Rule rule, const char* function) noexcept {
    if (irp_is_held(irp)) {
        detail::refuse_held(irp, rule, function);
    }
}

// Whether IoCancelIrp was called. Unlike a plain look at Irp->Cancel it may happen at the same time
// as the call, and is ordered after the reader's own IoSetCancelRoutine.
inline bool irp_is_cancelled(const IRP* irp) noexcept {
    return __atomic_load_n(&irp->Cancel, __ATOMIC_SEQ_CST) != FALSE;
}

// The stack locations of an IRP; 0 is the lowest one, which is used last.
inline PIO_STACK_LOCATION first_stack_location(PIRP irp) noexcept {
    return reinterpret_cast<PIO_STACK_LOCATION>(irp + 1);
}

}  // namespace owsk::nt::io
