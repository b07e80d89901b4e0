// SPDX-License-Identifier: MIT
// A request that waits keeps its socket: the close of a socket waits for it.
#include "wsk/socket/address_changes.h"

#include "wsk/socket/socket.h"

namespace owsk::wsk {

NTSTATUS AddressChanges::follow() noexcept {
    const Lock lock(mu_);
    if (follows_) {
        return STATUS_SUCCESS;
    }
    const NTSTATUS status =
        services_.network().address_list().watch(services_.host().processor(0), *this);
    follows_ = NT_SUCCESS(status);
    return status;
}

NTSTATUS AddressChanges::wait(Socket& socket, Family family, Request request) noexcept {
    const NTSTATUS status = follow();
    if (!NT_SUCCESS(status)) {
        return status;
    }
    const Lock lock(mu_);
    // Before the look whether the socket is being closed: the close looks the other way round.
    has_waited_.store(true);
    const SocketLock socket_lock(socket.mutex());
    if (socket.is_closing_locked()) {
        return STATUS_CANCELLED;
    }
    parameters_of(request) = {&socket, family};
    request.hand_over(*this);
    return socket.turn().pend_locked(changes_, request);
}

template <typename Picks>
void AddressChanges::decide_all(Picks picks, NTSTATUS status) noexcept {
    const Lock lock(mu_);
    std::vector<Request> due;
    changes_.visit_all([&](Request request) {
        if (picks(parameters_of(request))) {
            due.push_back(request);
        }
    });
    for (const Request request : due) {
        Socket& socket = *parameters_of(request).socket;
        const SocketLock socket_lock(socket.mutex());
        socket.turn().decide_locked(request, status, 0);
    }
}

void AddressChanges::cancel_all_of(const Socket* socket) noexcept {
    if (has_waited_.load()) {
        decide_all([&](const Parameters& waiting) { return waiting.socket == socket; },
                   STATUS_CANCELLED);
    }
}

void AddressChanges::on_addresses_changed(Family family) noexcept {
    decide_all([&](const Parameters& waiting) { return waiting.family == family; }, STATUS_SUCCESS);
    const Result<std::vector<Address>> addresses =
        services_.network().address_list().addresses(family);
    if (addresses) {
        follower_.follow(family, *addresses);
    }
}

void AddressChanges::cancel(Request request) noexcept {
    const Lock lock(mu_);
    const SocketLock socket_lock(parameters_of(request).socket->mutex());
    withdraw_locked(request);
}

void AddressChanges::withdraw_locked(Request request) noexcept {
    parameters_of(request).socket->turn().withdraw_locked(request, 0);
}

}  // namespace owsk::wsk
