// SPDX-License-Identifier: MIT
// Who listens, and what all of them hold.
#include "wsk/listen/listener_list.h"

#include <algorithm>

#include "wsk/listen/listening.h"

namespace owsk::wsk {

ListenerList::ListenerList() noexcept {
    InitializeListHead(&head_);
}

void ListenerList::add(ListenerLink& link) noexcept {
    Lock lock(mu_);
    InsertTailList(&head_, &link);
}

void ListenerList::remove(ListenerLink& link) noexcept {
    Lock lock(mu_);
    RemoveEntryList(&link);
}

std::vector<HeldAttempt> ListenerList::held_attempts() {
    std::vector<HeldAttempt> held;
    {
        Lock lock(mu_);
        for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
            static_cast<ListenerLink*>(entry)->listening_.list_held(held);
        }
    }
    std::stable_sort(held.begin(), held.end(), [](const HeldAttempt& a, const HeldAttempt& b) {
        return a.age > b.age;
    });
    return held;
}

void ListenerList::follow(Family family, const std::vector<Address>& addresses) noexcept {
    const Lock lock(mu_);
    for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
        static_cast<ListenerLink*>(entry)->listening_.keep_to(family, addresses);
    }
}

}  // namespace owsk::wsk
