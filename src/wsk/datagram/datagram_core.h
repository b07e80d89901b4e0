// SPDX-License-Identifier: MIT
// DatagramCore: what the roles of a datagram socket share - its port, its options, the driver's
// callback, and an alarm for what nobody announces.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/network.h"
#include "wsk/datagram/port_options.h"
#include "wsk/datagram/state.h"
#include "wsk/socket/callback_table.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

class DatagramCore : public Socket, private host::Timer {
  public:
    // The roles that have a turn of their own, if roles have.
    Turn& turn_of_sender() noexcept { return turn_of(0); }
    Turn& turn_of_receiver() noexcept { return turn_of(1); }
    Turn& turn_of_events() noexcept final { return turn_of(2); }

    CompletionMode choose_mode(Operation operation) noexcept;
    Family family() const noexcept { return family_; }

    DatagramState state_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return state_; }
    void move_to_locked(DatagramState next) noexcept OWSK_REQUIRES(socket_mutex);
    bool is_bound_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return state_ == DatagramState::bound;
    }
    // Null before there is one.
    net::DatagramPort* port_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return port_.get();
    }
    void set_port_locked(std::unique_ptr<net::DatagramPort> port) noexcept
        OWSK_REQUIRES(socket_mutex) {
        port_ = std::move(port);
    }
    std::unique_ptr<net::DatagramPort> take_port_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return std::move(port_);
    }
    PortOptions& options_locked() noexcept OWSK_REQUIRES(socket_mutex) { return options_; }

    // Whether the driver wants WskReceiveFromEvent now.
    bool event_is_on_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    // For a call without the lock.
    PVOID context() const noexcept { return context_; }
    const WSK_CLIENT_DATAGRAM_DISPATCH& callbacks() const noexcept {
        return *dispatch_.operator->();
    }

    // Asks for a turn at that time. There is one such time: the last that was asked for.
    void want_turn_at_locked(Instant due) noexcept OWSK_REQUIRES(socket_mutex);

    Result<Address> local_address() noexcept override OWSK_EXCLUDES(socket_mutex);

  protected:
    DatagramCore(SocketClient& client,
                 Family family,
                 PVOID context,
                 const VOID* dispatch,
                 host::Processor& processor) noexcept;
    ~DatagramCore() = default;

    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(socket_mutex) {
        return is_bound_locked();
    }
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(socket_mutex);
    // If the alarm expires just now, it has done so when a task runs that is posted afterwards.
    void cancel_alarm() noexcept OWSK_EXCLUDES(socket_mutex);

  private:
    void expire() noexcept override OWSK_EXCLUDES(socket_mutex);

    const Family family_;
    const PVOID context_;
    const CallbackTable<WSK_CLIENT_DATAGRAM_DISPATCH> dispatch_;
    DatagramState state_ OWSK_GUARDED_BY(socket_mutex) = DatagramState::unbound;
    bool alarm_was_set_ OWSK_GUARDED_BY(socket_mutex) = false;
    PortOptions options_ OWSK_GUARDED_BY(socket_mutex);
    std::unique_ptr<net::DatagramPort> port_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
