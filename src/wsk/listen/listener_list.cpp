// SPDX-License-Identifier: MIT
// Who listens, and what all of them hold.
#include "wsk/listen/listener_list.h"

#include <algorithm>

#include "wsk/listen/listen_socket.h"

namespace owsk::wsk {

void ListenerList::add(ListenSocket& socket) noexcept {
    Lock lock(mu_);
    sockets_.push_back(&socket);
}

void ListenerList::remove(ListenSocket& socket) noexcept {
    Lock lock(mu_);
    std::erase(sockets_, &socket);
}

std::vector<HeldRequest> ListenerList::held_requests() {
    std::vector<HeldRequest> held;
    {
        Lock lock(mu_);
        for (ListenSocket* const socket : sockets_) {
            socket->list_held(held);
        }
    }
    std::stable_sort(held.begin(), held.end(), [](const HeldRequest& a, const HeldRequest& b) {
        return a.age > b.age;
    });
    return held;
}

}  // namespace owsk::wsk
