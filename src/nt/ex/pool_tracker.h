// SPDX-License-Identifier: MIT
// PoolTracker: memory that a driver was given and must give back: pool blocks, and what the
// executive makes of pool blocks (IRPs, MDLs, work items). Whatever is left at the end is announced
// as a leak.
#pragma once

#include <ntdef.h>

#include <cstdint>

#include "base/mutex.h"
#include "nt/ex/pool_block.h"
#include "nt/ex/spare_blocks.h"
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

    // The header of the live block of `kind` at `bytes`. Anything else is a bug check that names
    // `function`.
    static PoolBlock* require(const void* bytes,
                              const BlockKind& kind,
                              const char* function) noexcept {
        PoolBlock* const block = intact_block_at(bytes);
        if (block == nullptr || !is_of_kind(block, kind)) {
            refuse(bytes, function);
        }
        return block;
    }
    // Takes such a block back, into the tracker it came from. Bug checks if it is held.
    static void free(PoolBlock* block, const char* function, const void* freed_at) noexcept;
    // Bug checks: `bytes` is no live block, or one of another kind than `function` takes.
    [[noreturn]] static void refuse(const void* bytes, const char* function) noexcept;

    // Bug checks if a request holds the block, or a part of it (the end of a loan is in
    // lent_memory.h), or if a lookaside list keeps it: then it has already been freed.
    static void require_not_held(const PoolBlock* block, const char* function) noexcept {
        if (is_held(block)) {
            refuse_held(block, function);
        }
    }
    // Bug checks: a freed block has been written to.
    [[noreturn]] static void refuse_written(const void* bytes,
                                            SIZE_T offset,
                                            const char* function) noexcept;

    std::uint64_t report_leaks(probe::Probes& probes);
    // Bug checks if a block that was freed and whose memory is still here has been written to.
    void require_freed_untouched(const char* function) noexcept OWSK_EXCLUDES(mu_);

  private:
    // Oldest first.
    struct Queue {
        PoolBlock* first = nullptr;
        PoolBlock* last = nullptr;
        SIZE_T count = 0;
        SIZE_T bytes = 0;
    };

    static void refuse_held(const PoolBlock* block, const char* function) noexcept;
    // A block that has memory for it, and that nobody else knows.
    void add_locked(PoolBlock* block,
                    const BlockKind& kind,
                    SIZE_T size,
                    ULONG tag,
                    const void* allocated_at) noexcept OWSK_REQUIRES(mu_);
    [[gnu::noinline]] void* allocate_new(const BlockKind& kind,
                                         SIZE_T size,
                                         ULONG tag,
                                         const void* allocated_at) noexcept OWSK_EXCLUDES(mu_);
    [[gnu::noinline]] void unlink_and_delete(PoolBlock* block) noexcept OWSK_EXCLUDES(mu_);
    // The blocks that have to make room for `block`, linked by `next`: often none, then several.
    PoolBlock* keep_locked(PoolBlock* block) noexcept OWSK_REQUIRES(mu_);
    [[gnu::noinline]] PoolBlock* evict_locked() noexcept OWSK_REQUIRES(mu_);
    // Looks whether they are as they were; then their memory may be used again.
    [[gnu::noinline]] void recycle(PoolBlock* evicted, const char* function) noexcept
        OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::tracker};
    PoolBlock* first_ OWSK_GUARDED_BY(mu_) = nullptr;
    // Freed, and not yet given back to the system, so that whoever writes to one is found.
    Queue freed_ OWSK_GUARDED_BY(mu_);
    // Those that were not written to.
    SpareBlocks spare_ OWSK_GUARDED_BY(mu_);
};

// "tag 'Abcd'": the four characters in the order in which they lie in memory.
std::string tag_to_text(ULONG tag);

}  // namespace owsk::nt::ex
