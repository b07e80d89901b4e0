// SPDX-License-Identifier: MIT
// Who listens, and what all of them hold.
#include "wsk/listen/listener_list.h"

#include <algorithm>

#include "wsk/listen/listen_socket.h"

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

std::vector<HeldRequest> ListenerList::held_requests() {
    std::vector<HeldRequest> held;
    {
        Lock lock(mu_);
        for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
            static_cast<ListenerLink*>(entry)->socket->list_held(held);
        }
    }
    std::stable_sort(held.begin(), held.end(), [](const HeldRequest& a, const HeldRequest& b) {
        return a.age > b.age;
    });
    return held;
}

}  // namespace owsk::wsk
