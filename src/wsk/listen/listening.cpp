// SPDX-License-Identifier: MIT
// What the listener of a network announces, and its end.
#include "wsk/listen/listening.h"

#include <algorithm>
#include <utility>

#include "net/flow.h"

namespace owsk::wsk {

net::Listener* Listening::listener() noexcept {
    SocketLock lock(core_.socket().mutex());
    return core_.listener_locked();
}

void Listening::on_incoming() noexcept {
    Socket& socket = core_.socket();
    socket.mutex().lock();
    acceptor_.note_incoming_locked();
    socket.take_turns_and_unlock();
}

void Listening::on_failed(NTSTATUS) noexcept {
    SocketLock lock(core_.socket().mutex());
    if (core_.state_locked() == ListenState::listening ||
        core_.state_locked() == ListenState::binding) {
        core_.move_to_locked(ListenState::failed);
        acceptor_.decide_all_locked(STATUS_FILE_FORCED_CLOSED);
        core_.socket().want_turns_locked();
    }
}

void Listening::keep_to(Family family, const std::vector<Address>& addresses) noexcept {
    Address own;
    {
        SocketLock lock(core_.socket().mutex());
        const net::Listener* const listener = core_.listener_locked();
        own = listener != nullptr ? net::v4_unmapped(listener->local_address()) : Address();
    }
    const bool concerns = own.family == family && can_go(own);
    const bool is_there = std::ranges::any_of(
        addresses, [&](const Address& address) { return address.ip == own.ip; });
    if (concerns && !is_there) {
        on_failed(STATUS_INVALID_ADDRESS_COMPONENT);
    }
}

void Listening::on_accepting_paused() noexcept {
    core_.socket().services().probes().accepting_paused({listener()->local_address()});
}

void Listening::on_accepting_resumed() noexcept {
    core_.socket().services().probes().accepting_resumed({listener()->local_address()});
}

bool Listening::close_listener(host::Task& closed) noexcept {
    net::Listener* const listener = this->listener();
    acceptor_.abort_untaken();
    if (listener == nullptr) {
        return false;
    }
    core_.socket().services().probes().listener_closed({listener->local_address()});
    listener->close(closed);
    return true;
}

}  // namespace owsk::wsk
