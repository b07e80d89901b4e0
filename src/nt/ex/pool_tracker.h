// SPDX-License-Identifier: MIT
// PoolTracker: memory that a driver was given and must give back: pool blocks, and what the
// executive makes of pool blocks (IRPs, MDLs, work items). Whatever is left at the end is announced
// as a leak.
#pragma once

#include <ntdef.h>

#include <cstdint>

#include "base/mutex.h"
#include "nt/ex/pool_block.h"
#include "probe/probes.h"

namespace owsk::nt::ex {

class PoolTracker {
  public:
    PoolTracker() = default;
    // What was leaked goes with the machine.
    ~PoolTracker();
    PoolTracker(const PoolTracker&) = delete;
    PoolTracker& operator=(const PoolTracker&) = delete;

    // Uninitialised bytes, aligned to 16, or to a page for a page and more; null when there are
    // none. `allocated_at` is the place in the driver's code that a leak report will name.
    void* allocate(const BlockKind& kind,
                   SIZE_T size,
                   ULONG tag,
                   const void* allocated_at) noexcept;

    // Takes a block back, into the tracker it came from. Anything but a live block of `kind` is a
    // bug check that names `function`.
    static void free(void* bytes, const BlockKind& kind, const char* function) noexcept;

    // Bug checks unless `bytes` is a live block of `kind`; returns its header.
    static PoolBlock require(const void* bytes,
                             const BlockKind& kind,
                             const char* function) noexcept;

    std::uint64_t report_leaks(probe::Probes& probes);

  private:
    Mutex mu_{Rank::tracker};
    PoolBlock* first_ OWSK_GUARDED_BY(mu_) = nullptr;
};

// "tag 'Abcd'": the four characters in the order in which they lie in memory.
std::string tag_to_text(ULONG tag);

}  // namespace owsk::nt::ex
