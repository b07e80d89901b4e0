// SPDX-License-Identifier: MIT
// S-lists: ExpInterlockedPushEntrySList and its kin.
//
// Windows pops with one 16-byte compare-and-swap, after reading the Next field of an entry that
// another processor may have popped and freed by then; it recovers from the page fault that this
// can cause. In a process nobody does, and sanitizers rightly object. So a spare bit of the header
// is a lock, held for a few instructions. Depth, sequence and address lie in the header as on
// Windows.
#include <wdm.h>

#include <atomic>

#include "base/interleave.h"
#include "nt/ke/spin_lock.h"

namespace {

constexpr ULONGLONG header_type = 1;
constexpr ULONGLONG lock_bit = 2;
constexpr ULONGLONG address_mask = ~ULONGLONG{0xF};
constexpr ULONGLONG depth_mask = 0xFFFF;
constexpr ULONGLONG sequence_step = 0x10000;

class LockedHeader {
  public:
    explicit LockedHeader(PSLIST_HEADER header) noexcept
        : header_(*header), region_(header->Region) {
        owsk::pass(owsk::Point::spin_lock);
        for (unsigned round = 0;; ++round) {
            const ULONGLONG seen = region_.fetch_or(lock_bit, std::memory_order_acquire);
            if ((seen & lock_bit) == 0) {
                first_ = seen & address_mask;
                return;
            }
            owsk::nt::ke::spin_pause(round);
        }
    }
    ~LockedHeader() { region_.store(first_ | header_type, std::memory_order_release); }
    LockedHeader(const LockedHeader&) = delete;
    LockedHeader& operator=(const LockedHeader&) = delete;

    PSLIST_ENTRY first() const noexcept { return reinterpret_cast<PSLIST_ENTRY>(first_); }

    void change(PSLIST_ENTRY first, USHORT depth) noexcept {
        first_ = reinterpret_cast<ULONGLONG>(first);
        std::atomic_ref<ULONGLONG> word(header_.Alignment);
        const ULONGLONG before = word.load(std::memory_order_relaxed);
        word.store(((before & ~depth_mask) + sequence_step) | depth, std::memory_order_relaxed);
    }

    USHORT depth() const noexcept {
        return static_cast<USHORT>(
            std::atomic_ref<ULONGLONG>(header_.Alignment).load(std::memory_order_relaxed));
    }

  private:
    SLIST_HEADER& header_;
    std::atomic_ref<ULONGLONG> region_;
    ULONGLONG first_ = 0;
};

}  // namespace

// InterlockedPushEntrySList: returns the entry that was first before; null if there was none.
extern "C" PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead,
                                                           PSLIST_ENTRY ListEntry) {
    LockedHeader header(ListHead);
    const PSLIST_ENTRY previous = header.first();
    ListEntry->Next = previous;
    header.change(ListEntry, static_cast<USHORT>(header.depth() + 1));
    return previous;
}

// InterlockedPopEntrySList: takes the first entry; null if there is none.
extern "C" PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead) {
    LockedHeader header(ListHead);
    const PSLIST_ENTRY entry = header.first();
    if (entry != nullptr) {
        header.change(entry->Next, static_cast<USHORT>(header.depth() - 1));
    }
    return entry;
}

// InterlockedFlushSList: takes all entries, still linked to each other.
extern "C" PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead) {
    LockedHeader header(ListHead);
    const PSLIST_ENTRY entries = header.first();
    header.change(nullptr, 0);
    return entries;
}

// ExQueryDepthSList: how many entries there are, at some moment.
extern "C" USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead) {
    return static_cast<USHORT>(
        std::atomic_ref<ULONGLONG>(SListHead->Alignment).load(std::memory_order_relaxed));
}
