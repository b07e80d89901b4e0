// SPDX-License-Identifier: MIT
// The state of a socket that listens, and what follows from it.
#include "wsk/listen/listen_core.h"

#include "net/flow.h"
#include "wsk/socket/address_changes.h"
#include "wsk/socket/move_to.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

bool can_go(const Address& address) noexcept {
    return !address.is_wildcard() && !net::is_loopback(net::v4_unmapped(address));
}

void ListenCore::set_listener_locked(std::unique_ptr<net::Listener> listener) noexcept {
    net::Listener& made = *listener;
    inherited_.for_each([&](net::SocketOption option, std::uint32_t value) {
        static_cast<void>(made.set_option(option, value));
    });
    listener_ = std::move(listener);
}

void ListenCore::move_to_locked(ListenState next) noexcept {
    move_to(state_, next);
}

NTSTATUS ListenCore::start(net::Listener& listener, net::ListenerEvents& events) noexcept {
    // What the network brings before the state is `listening` waits for it.
    const NTSTATUS status = listener.start(socket_.turn().processor(), events);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    Services& services = socket_.services();
    const Address local = listener.local_address();
    const net::GateReport& gate = listener.gate();
    services.sockets().change([&] { reported_address_ = local; });
    services.probes().listener_bound({local, !gate.name.empty(), gate.name, gate.reason});
    if (can_go(local)) {
        // Where that cannot be had, nobody hears of it.
        static_cast<void>(services.address_changes().follow());
    }
    SocketLock lock(socket_.mutex());
    if (state_ == ListenState::binding) {
        move_to_locked(ListenState::listening);
    }
    socket_.want_turns_locked();
    return STATUS_SUCCESS;
}

NTSTATUS ListenCore::set_option_locked(net::SocketOption option, ULONG value) noexcept {
    inherited_.remember(option, value);
    return listener_ == nullptr ? STATUS_SUCCESS : listener_->set_option(option, value);
}

Result<ULONG> ListenCore::get_option_locked(net::SocketOption option) const noexcept {
    if (const auto value = inherited_.value(option)) {
        return *value;
    }
    if (listener_ != nullptr) {
        return listener_->get_option(option);
    }
    return ULONG{0};
}

NTSTATUS ListenCore::health() const noexcept {
    SocketLock lock(socket_.mutex());
    return state_ == ListenState::failed ? STATUS_FILE_FORCED_CLOSED : STATUS_SUCCESS;
}

}  // namespace owsk::wsk
