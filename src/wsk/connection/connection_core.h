// SPDX-License-Identifier: MIT
// ConnectionCore: what the roles of a connection share - the connection of the network, whether it
// still works, the driver's callbacks, and an alarm for what nobody announces.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "net/network.h"
#include "wsk/socket/callback_table.h"
#include "wsk/socket/inspect_id.h"
#include "wsk/socket/options.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

// What an accepted socket is made of.
struct AcceptedConnection {
    std::unique_ptr<net::Connection> connection;
    std::optional<InspectId> inspect_id;
    net::OptionValues options;
    PVOID context;
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch;
};

class ConnectionCore : public Socket, private host::Timer {
  public:
    // The roles that have a turn of their own, if roles have.
    Turn& turn_of_sender() noexcept { return turn_of(0); }
    Turn& turn_of_receiver() noexcept { return turn_of(1); }
    Turn& turn_of_events() noexcept final { return turn_of(2); }

    CompletionMode choose_mode(Operation operation) noexcept;

    // Precondition: it is connected.
    net::Connection& connection() const noexcept { return *connection_; }
    bool is_connected() const noexcept { return is_connected_.load(std::memory_order_acquire); }
    // The connection that a socket of WskSocket has got: starts it. A failure leaves the socket
    // without one. On the processor.
    virtual NTSTATUS take_up(std::unique_ptr<net::Connection> connection) noexcept
        OWSK_EXCLUDES(socket_mutex) = 0;
    // The bytes of a connect request, which was claimed, go out before all others, and it completes
    // with them.
    virtual void send_first_locked(Request connect) noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // Whether the network announces what happens to the connection.
    bool has_started_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return started_; }

    // The connection has failed; the turn tells everybody else.
    void note_failure_locked() noexcept OWSK_REQUIRES(socket_mutex);
    bool has_failed_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return failed_; }
    // Silent mode: the connection lives, but nothing may be sent, not even a RST.
    bool is_silent_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return silent_; }
    // What a call on a connection gets that is dead.
    NTSTATUS death_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return death_; }

    // Whether the driver wants the event, and has a callback for it. Inherited and static events
    // may name callbacks that this socket's table does not have.
    bool event_is_on_locked(ULONG event) const noexcept OWSK_REQUIRES(socket_mutex);
    // For a call without the lock.
    PVOID context_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return context_; }
    const WSK_CLIENT_CONNECTION_DISPATCH& callbacks_locked() const noexcept
        OWSK_REQUIRES(socket_mutex) {
        return *dispatch_.operator->();
    }

    // Asks for a turn at that time. There is one such time: the last that was asked for.
    void want_turn_at_locked(Instant due) noexcept OWSK_REQUIRES(socket_mutex);
    bool will_want_turn_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return alarm_is_set_;
    }

    // Calls `set` with each option that was set, and its value.
    template <typename Set>
    void visit_options_locked(Set set) const noexcept OWSK_REQUIRES(socket_mutex) {
        if (options_ != nullptr) {
            options_->for_each(set);
        }
    }

    std::string description() const override;
    // STATUS_NOT_SUPPORTED for what is not an option of a connection.
    NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_EXCLUDES(socket_mutex);
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept OWSK_EXCLUDES(socket_mutex);
    // SIO_WSK_QUERY_INSPECT_ID. STATUS_INVALID_DEVICE_REQUEST unless accepted after an inspection.
    Result<InspectId> inspect_id() const noexcept;
    Result<Address> local_address() noexcept override;
    Result<Address> remote_address() noexcept override;

  protected:
    // Not connected. Of Category::connection, or of a category that has its functions as well.
    ConnectionCore(SocketClient& client,
                   Category category,
                   const VOID* functions,
                   PVOID context,
                   const VOID* dispatch,
                   host::Processor& processor) noexcept;
    ConnectionCore(SocketClient& client,
                   AcceptedConnection accepted,
                   host::Processor& processor) noexcept;
    ~ConnectionCore() = default;

    // The time of want_turn_at_locked() has come.
    virtual void on_alarm_locked() noexcept OWSK_REQUIRES(socket_mutex) = 0;

    NTSTATUS start_connection(net::ConnectionEvents& events) noexcept OWSK_EXCLUDES(socket_mutex);
    // Null takes away one that was not started.
    void keep_connection(std::unique_ptr<net::Connection> connection) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // Of a socket that is not connected: where it is bound.
    virtual std::optional<Address> bound_address_locked() const noexcept
        OWSK_REQUIRES(socket_mutex) = 0;
    // The options of the transport.
    virtual NTSTATUS set_transport_option_locked(net::SocketOption option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex);
    virtual Result<ULONG> get_transport_option_locked(net::SocketOption option) noexcept
        OWSK_REQUIRES(socket_mutex);
    // The options of a socket before it is bound. STATUS_NOT_SUPPORTED for all others.
    virtual NTSTATUS set_early_option_locked(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex) = 0;
    virtual Result<ULONG> get_early_option_locked(ULONG level, ULONG option) const noexcept
        OWSK_REQUIRES(socket_mutex) = 0;
    void note_silence_locked() noexcept OWSK_REQUIRES(socket_mutex) { silent_ = true; }
    void note_death_locked(NTSTATUS status) noexcept OWSK_REQUIRES(socket_mutex) {
        death_ = status;
    }
    // The driver has not named its callbacks yet; and now it has.
    void await_callbacks_locked() noexcept OWSK_REQUIRES(socket_mutex);
    void name_callbacks_locked(PVOID context,
                               const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept
        OWSK_REQUIRES(socket_mutex);
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(socket_mutex);

    // If the alarm expires just now, it has done so when a task runs that is posted afterwards.
    void cancel_alarm() noexcept OWSK_EXCLUDES(socket_mutex);
    // Gives the connection away. The socket keeps its name.
    std::unique_ptr<net::Connection> release_connection() noexcept;

  private:
    void expire() noexcept override OWSK_EXCLUDES(socket_mutex);

    // Both change through SocketList::change: when a connection is made, and when it is given away.
    std::unique_ptr<net::Connection> connection_;
    std::unique_ptr<const std::string> former_description_;
    const InspectId inspect_id_;

    PVOID context_ OWSK_GUARDED_BY(socket_mutex);
    CallbackTable<WSK_CLIENT_CONNECTION_DISPATCH> dispatch_ OWSK_GUARDED_BY(socket_mutex);
    // Null as long as none was set, as it nearly always is.
    std::unique_ptr<net::OptionValues> options_ OWSK_GUARDED_BY(socket_mutex);
    NTSTATUS death_ OWSK_GUARDED_BY(socket_mutex) = STATUS_SUCCESS;
    std::atomic<bool> is_connected_ = false;
    bool dispatch_is_known_ : 1 OWSK_GUARDED_BY(socket_mutex) = true;
    bool started_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool silent_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool failed_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool alarm_is_set_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool alarm_was_set_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
