// SPDX-License-Identifier: MIT
// IrpTracker: the IRPs that IoAllocateIrp gave out, and the lock that orders their cancellation.
#pragma once

#include <wdm.h>

#include <cstdint>

#include "nt/ex/pool_tracker.h"
#include "probe/probes.h"

namespace owsk::nt::io {

class IrpTracker {
  public:
    IrpTracker() noexcept;

    // Null when there is no memory. The IRP is not initialised.
    PIRP allocate(USHORT size, const void* allocated_at) noexcept;
    // The block of an IRP of allocate(). Anything else is a bug check that names `function`.
    static ex::PoolBlock* require(const IRP* irp, const char* function) noexcept;

    // Where an allocated IRP was completed last; null if that has not happened since it was made.
    static const void* completed_at(const IRP* irp) noexcept {
        return ex::read_header(ex::block_of(irp)).noted_at;
    }
    static void note_completion(const IRP* irp, const void* place) noexcept {
        ex::note_place(ex::block_of(irp), place);
    }

    std::uint64_t report_leaks(probe::Probes& probes) { return memory_.report_leaks(probes); }
    void require_freed_untouched(const char* function) noexcept {
        memory_.require_freed_untouched(function);
    }

    // The one that drivers see: IoAcquireCancelSpinLock.
    KSPIN_LOCK cancel_lock;

  private:
    ex::PoolTracker memory_;
};

}  // namespace owsk::nt::io
