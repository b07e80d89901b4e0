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
    static void free(void* bytes,
                     const BlockKind& kind,
                     const char* function,
                     const void* freed_at) noexcept;

    // Bug checks if a request holds the block, or a part of it. The end of a loan is in
    // lent_memory.h.
    static void require_not_lent(const void* bytes, const char* function) noexcept;
    // Bug checks if a lookaside list keeps the block: it has been freed already.
    static void require_not_kept(const void* bytes, const char* function) noexcept;
    // Bug checks: a freed block has been written to.
    [[noreturn]] static void refuse_written(const void* bytes,
                                            SIZE_T offset,
                                            const char* function) noexcept;

    // Bug checks unless `bytes` is a live block of `kind`; returns its header.
    static PoolBlock require(const void* bytes,
                             const BlockKind& kind,
                             const char* function) noexcept;

    std::uint64_t report_leaks(probe::Probes& probes);
    // Bug checks if a block that was freed and is still kept has been written to.
    void require_freed_untouched(const char* function) noexcept OWSK_EXCLUDES(mu_);

  private:
    // Oldest first.
    struct Queue {
        PoolBlock* first = nullptr;
        PoolBlock* last = nullptr;
        SIZE_T count = 0;
        SIZE_T bytes = 0;
    };

    void unlink(PoolBlock* block) noexcept OWSK_EXCLUDES(mu_);
    // The blocks that have to make room for `block`, linked by `next`.
    PoolBlock* keep_locked(PoolBlock* block) noexcept OWSK_REQUIRES(mu_);

    Mutex mu_{Rank::tracker};
    PoolBlock* first_ OWSK_GUARDED_BY(mu_) = nullptr;
    // Freed, and not yet given back to the system, so that whoever writes to one is found.
    Queue freed_ OWSK_GUARDED_BY(mu_);
};

// "tag 'Abcd'": the four characters in the order in which they lie in memory.
std::string tag_to_text(ULONG tag);

}  // namespace owsk::nt::ex
