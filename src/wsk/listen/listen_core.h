// SPDX-License-Identifier: MIT
// ListenCore: what the roles of a socket that listens share - its state, the listener of the
// network, the driver's callbacks.
#pragma once

#include <memory>
#include <optional>

#include "net/network.h"
#include "wsk/listen/listen_callbacks.h"
#include "wsk/listen/state.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

// Whether the address is one that a computer can lose: neither the wildcard nor a loopback address.
bool can_go(const Address& address) noexcept;

class ListenCore {
  public:
    // A part of `socket`, which has the driver's callbacks, if any, in `table`.
    ListenCore(Socket& socket, PVOID context, const VOID* table) noexcept
        : socket_(socket), callbacks_(context, table) {}
    ListenCore(const ListenCore&) = delete;
    ListenCore& operator=(const ListenCore&) = delete;

    Socket& socket() const noexcept { return socket_; }
    // The roles that have a turn of their own, if roles have. WskAcceptEvent is an event.
    Turn& turn_of_acceptor() const noexcept { return socket_.turn_of_events(); }
    Turn& turn_of_inspections() const noexcept { return socket_.turn_of(role_of_inspections); }
    // The places of the roles of a listening socket among its turns.
    static constexpr unsigned role_of_acceptor = 0;
    static constexpr unsigned role_of_inspections = 1;

    ListenState state_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return state_; }
    bool is_listening_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return state_ == ListenState::listening && !socket_.is_closing_locked();
    }
    // And is not being closed, so that the driver is told.
    bool has_failed_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return state_ == ListenState::failed && !socket_.is_closing_locked();
    }
    void move_to_locked(ListenState next) noexcept OWSK_REQUIRES(socket_mutex);

    // Null while it does not listen.
    net::Listener* listener_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return listener_.get();
    }
    // It gets the options that were set while it was made.
    void set_listener_locked(std::unique_ptr<net::Listener> listener) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Starts the listener that was set; the socket moves from `binding` to `listening`. Whoever
    // gets an error takes the listener back.
    NTSTATUS start(net::Listener& listener, net::ListenerEvents& events) noexcept
        OWSK_EXCLUDES(socket_mutex);
    std::unique_ptr<net::Listener> take_listener_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return std::move(listener_);
    }

    // SO_CONDITIONAL_ACCEPT. Changes only before the bind.
    bool is_conditional_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return conditional_; }
    void set_conditional_locked(bool conditional) noexcept OWSK_REQUIRES(socket_mutex) {
        conditional_ = conditional;
    }

    // What every accepted socket inherits, and the listener has if there is one.
    net::OptionValues& inherited_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return inherited_;
    }
    NTSTATUS set_option_locked(net::SocketOption option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_option_locked(net::SocketOption option) const noexcept
        OWSK_REQUIRES(socket_mutex);

    // Where the socket listens, for reports; changed only through SocketList::change.
    const std::optional<Address>& reported_address() const noexcept { return reported_address_; }

    const ListenCallbacks& callbacks() const noexcept { return callbacks_; }
    // Of the events that a listener has. Connection events are for sockets that bring their own
    // table.
    bool has_callbacks(ULONG mask) const noexcept {
        return (mask & WSK_EVENT_ACCEPT) == 0 || callbacks_.can_accept();
    }

    NTSTATUS health() const noexcept OWSK_EXCLUDES(socket_mutex);

  private:
    Socket& socket_;
    const ListenCallbacks callbacks_;
    ListenState state_ OWSK_GUARDED_BY(socket_mutex) = ListenState::unbound;
    bool conditional_ OWSK_GUARDED_BY(socket_mutex) = false;
    net::OptionValues inherited_ OWSK_GUARDED_BY(socket_mutex);
    std::unique_ptr<net::Listener> listener_ OWSK_GUARDED_BY(socket_mutex);
    std::optional<Address> reported_address_;
};

}  // namespace owsk::wsk
