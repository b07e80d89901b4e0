// SPDX-License-Identifier: MIT
// ExInterlocked...List: doubly and singly linked lists under a spin lock that the driver provides.
//
// They work at any IRQL, also above DISPATCH_LEVEL, so they take the lock without changing it.
#include <wdm.h>

#include "nt/ke/irql.h"

namespace {

class ListLock {
  public:
    explicit ListLock(PKSPIN_LOCK lock) noexcept : lock_(lock), raised_(irql_during_list_work()) {
        KeAcquireSpinLockAtDpcLevel(lock_);
    }
    ~ListLock() { KeReleaseSpinLockFromDpcLevel(lock_); }
    ListLock(const ListLock&) = delete;
    ListLock& operator=(const ListLock&) = delete;

  private:
    static KIRQL irql_during_list_work() noexcept {
        const KIRQL irql = owsk::nt::ke::current_irql();
        return irql > DISPATCH_LEVEL ? irql : static_cast<KIRQL>(DISPATCH_LEVEL);
    }

    const PKSPIN_LOCK lock_;
    const owsk::nt::ke::IrqlScope raised_;
};

}  // namespace

// ExInterlockedInsertHeadList: returns the entry that was first before; null if there was none.
extern "C" PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead,
                                                         PLIST_ENTRY ListEntry,
                                                         PKSPIN_LOCK Lock) {
    const ListLock lock(Lock);
    const PLIST_ENTRY first = IsListEmpty(ListHead) ? nullptr : ListHead->Flink;
    InsertHeadList(ListHead, ListEntry);
    return first;
}

// ExInterlockedInsertTailList: returns the entry that was last before; null if there was none.
extern "C" PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead,
                                                         PLIST_ENTRY ListEntry,
                                                         PKSPIN_LOCK Lock) {
    const ListLock lock(Lock);
    const PLIST_ENTRY last = IsListEmpty(ListHead) ? nullptr : ListHead->Blink;
    InsertTailList(ListHead, ListEntry);
    return last;
}

// ExInterlockedRemoveHeadList: takes the first entry; null if there is none.
extern "C" PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock) {
    const ListLock lock(Lock);
    return IsListEmpty(ListHead) ? nullptr : RemoveHeadList(ListHead);
}

// ExInterlockedPushEntryList: returns the entry that was first before; null if there was none.
extern "C" PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                               PSINGLE_LIST_ENTRY ListEntry,
                                                               PKSPIN_LOCK Lock) {
    const ListLock lock(Lock);
    const PSINGLE_LIST_ENTRY first = ListHead->Next;
    ListEntry->Next = first;
    ListHead->Next = ListEntry;
    return first;
}

// ExInterlockedPopEntryList: takes the first entry; null if there is none.
extern "C" PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                              PKSPIN_LOCK Lock) {
    const ListLock lock(Lock);
    const PSINGLE_LIST_ENTRY first = ListHead->Next;
    if (first != nullptr) {
        ListHead->Next = first->Next;
    }
    return first;
}
