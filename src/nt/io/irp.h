// SPDX-License-Identifier: MIT
// Who has an IRP: marks in AllocationFlags, next to the ones that Windows keeps there.
#pragma once

#include <wdm.h>

#include <cstddef>

namespace owsk::nt::io {

// Bug checks unless `irp` leads to an IRP, as far as one can see; `function` was given it.
void require_irp(const IRP* irp, const char* function) noexcept;

// Whether IoAllocateIrp made it. False for an IRP on storage of the driver.
bool irp_is_allocated(const IRP* irp) noexcept;

// A provider holds an IRP from the moment it takes it until just before it completes it. Meanwhile
// the driver may not free, reuse, initialise or complete it.
bool irp_is_held(const IRP* irp) noexcept;
// `place` is where the driver made the request.
void hold_irp(PIRP irp, const void* place) noexcept;
// Precondition: held.
const void* held_since(const IRP* irp) noexcept;
void release_irp(PIRP irp) noexcept;

// A broken rule of that name if the IRP is held; `function` is what the driver called.
void require_not_held(const IRP* irp, const char* rule, const char* function) noexcept;

// Whether IoCancelIrp was called. Unlike a plain look at Irp->Cancel it may happen at the same time
// as the call, and is ordered after the reader's own IoSetCancelRoutine.
bool irp_is_cancelled(const IRP* irp) noexcept;

// The stack locations of an IRP; 0 is the lowest one, which is used last.
PIO_STACK_LOCATION first_stack_location(PIRP irp) noexcept;

}  // namespace owsk::nt::io
