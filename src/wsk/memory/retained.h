// SPDX-License-Identifier: MIT
// RetainedIndications: what the event callback of a socket was shown and has not given back, with
// the bounds of it. A driver that keeps received data keeps our memory.
#pragma once

#include "wsk/memory/block.h"

namespace owsk::wsk {

// The socket's lock guards it. `overhead`: what each counts for besides its bytes; 0 where there
// are always bytes.
template <ULONG overhead>
class RetainedIndications {
  public:
    RetainedIndications() noexcept { InitializeListHead(&list_); }
    RetainedIndications(const RetainedIndications&) = delete;
    RetainedIndications& operator=(const RetainedIndications&) = delete;

    // The driver is asked to give them back soon.
    bool are_many() const noexcept { return bytes_ > many; }
    // Nothing more is received: that is the flow control.
    bool are_too_many() const noexcept { return bytes_ >= too_many; }

    // Before the callback: another thread may release what this one is about to retain.
    void begin_callback(Indication& indication) noexcept {
        indication.in_callback = true;
        indication.released = false;
        InsertTailList(&list_, &indication.entry);
        ++count_;
        bytes_ += cost_of(indication);
    }
    // After the callback. True if the driver has kept it; else it is the caller's.
    bool end_callback(Indication& indication, NTSTATUS answer) noexcept {
        indication.in_callback = false;
        if (answer == STATUS_PENDING && !indication.released) {
            return true;
        }
        take(indication);
        return false;
    }

    // What the driver was shown as `api`, and has not released; null if it was shown no such thing.
    template <typename Kind, typename Api>
    Kind* find(const Api* api) const noexcept {
        for (LIST_ENTRY* entry = list_.Flink; entry != &list_; entry = entry->Flink) {
            Kind* const found = static_cast<Kind*>(CONTAINING_RECORD(entry, Indication, entry));
            if (&found->api == api && !found->released) {
                return found;
            }
        }
        return nullptr;
    }
    // Whether all of a list of theirs is to be found, as the driver has linked it, each once.
    template <typename Kind, typename Api>
    bool holds_list(const Api* list) const noexcept {
        SIZE_T length = 0;
        for (const Api* each = list; each != nullptr; each = each->Next) {
            // More than there are: the list is a ring.
            if (find<Kind>(each) == nullptr || ++length > count_) {
                return false;
            }
        }
        return length != 0;
    }
    // WskRelease. One whose callback still runs goes after that.
    void release(Indication& indication, BlockPool& blocks) noexcept {
        if (indication.in_callback) {
            indication.released = true;
            return;
        }
        take(indication);
        blocks.release(indication);
    }
    // Gives back what the driver has retained past the close, as WskRelease will find no socket any
    // more. Returns how many.
    ULONG release_all(BlockPool& blocks) noexcept {
        ULONG count = 0;
        for (; !IsListEmpty(&list_); ++count) {
            Indication& indication = *CONTAINING_RECORD(list_.Flink, Indication, entry);
            take(indication);
            blocks.release(indication);
        }
        return count;
    }

  private:
    static constexpr SIZE_T many = 256 * 1024;
    static constexpr SIZE_T too_many = 1024 * 1024;

    // A datagram is no longer than 64 KiB, and a block of a stream neither.
    static ULONG cost_of(const Indication& indication) noexcept {
        return overhead + static_cast<ULONG>(indication.length);
    }
    void take(Indication& indication) noexcept {
        RemoveEntryList(&indication.entry);
        --count_;
        bytes_ -= cost_of(indication);
    }

    LIST_ENTRY list_;
    ULONG count_ = 0;
    ULONG bytes_ = 0;
};

}  // namespace owsk::wsk
