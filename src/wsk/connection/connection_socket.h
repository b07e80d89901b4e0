// SPDX-License-Identifier: MIT
// ConnectionSocket: a connection-oriented socket, composed of roles. It decides in which order they
// have their work done in a turn, and what becomes of all of them at the end.
#pragma once

#include "wsk/connection/backlog_announcer.h"
#include "wsk/connection/connection_core.h"
#include "wsk/connection/connector.h"
#include "wsk/connection/disconnect_announcer.h"
#include "wsk/connection/incoming_stream.h"
#include "wsk/connection/indicator.h"
#include "wsk/connection/receiver.h"
#include "wsk/connection/sender.h"

namespace owsk::wsk {

enum class Backlog : UCHAR {
    ideal_send,  // how much has to be outstanding to fill the path to the peer
    receive,     // how much was received that the driver has not taken
};

class ConnectionSocket : public ConnectionCore, private net::ConnectionEvents {
  public:
    // By WskSocket: not connected.
    ConnectionSocket(SocketClient& client,
                     Family family,
                     PVOID context,
                     const VOID* dispatch,
                     host::Processor& processor) noexcept;
    // By WskAccept or WskAcceptEvent.
    ConnectionSocket(SocketClient& client,
                     AcceptedConnection accepted,
                     host::Processor& processor) noexcept;
    ~ConnectionSocket() override;

    // Starts the transport of an accepted socket. With the turn held. If it cannot be started, the
    // socket is dead, the driver is told, and the peer is reset when the driver closes it.
    void start() noexcept OWSK_EXCLUDES(socket_mutex);
    // The socket is shown to WskAcceptEvent, with the events that the listener hands on. The table
    // of callbacks is not known, and none is called, before adopt().
    void introduce(ULONG events) noexcept OWSK_EXCLUDES(socket_mutex);
    // WskAcceptEvent has taken the socket, and named its context and table.
    void adopt(PVOID context, const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // WskAcceptEvent has refused the socket.
    void decline() noexcept OWSK_EXCLUDES(socket_mutex) {
        SocketLock lock(mutex());
        close_unowned_locked();
    }

    // Null for a socket that was accepted.
    Connector* connector() noexcept { return connector_.get(); }
    const Connector* connector() const noexcept { return connector_.get(); }
    Sender& sender() noexcept { return sender_; }
    Receiver& receiver() noexcept { return receiver_; }
    Indicator& indicator() noexcept { return indicator_; }
    NTSTATUS disconnect(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // SO_WSK_SECURITY. A socket that was accepted has the default descriptor: null.
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept OWSK_EXCLUDES(socket_mutex);
    DescriptorRef descriptor() noexcept OWSK_EXCLUDES(socket_mutex);
    Family family() const noexcept {
        return connector_ != nullptr ? connector_->family() : connection().local_address().family;
    }
    bool is_unconnected() noexcept OWSK_EXCLUDES(socket_mutex);
    // SIO_WSK_SET_TCP_SILENT_MODE: the socket is dead for the driver, and the peer hears nothing of
    // it. STATUS_INVALID_DEVICE_STATE while something is under way to the peer.
    NTSTATUS silence() noexcept OWSK_EXCLUDES(socket_mutex);
    // SIO_WSK_QUERY_IDEAL_SEND_BACKLOG and SIO_WSK_QUERY_RECEIVE_BACKLOG, in bytes.
    // STATUS_INVALID_DEVICE_STATE until it is connected.
    Result<SIZE_T> backlog(Backlog which) noexcept OWSK_EXCLUDES(socket_mutex);
    Answer control(const ControlCall& call) noexcept override OWSK_EXCLUDES(socket_mutex);

  protected:
    // Of another category, whose sockets are not connected.
    ConnectionSocket(SocketClient& client,
                     Category category,
                     const VOID* functions,
                     Family family,
                     PVOID context,
                     const VOID* dispatch,
                     host::Processor& processor) noexcept;

    NTSTATUS take_up(std::unique_ptr<net::Connection> connection) noexcept override;
    NTSTATUS set_early_option_locked(ULONG level, ULONG option, ULONG value) noexcept override
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_early_option_locked(ULONG level, ULONG option) const noexcept override
        OWSK_REQUIRES(socket_mutex);

    bool step_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex);
    void cancel_all_locked() noexcept override OWSK_REQUIRES(socket_mutex);
    bool close_transport(host::Task& closed) noexcept override;
    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(socket_mutex);

  private:
    void on_ready(net::Readiness readiness) noexcept final;
    void send_first_locked(Request connect) noexcept final OWSK_REQUIRES(socket_mutex) {
        sender_.send_first_locked(connect);
    }
    std::optional<Address> bound_address_locked() const noexcept final OWSK_REQUIRES(socket_mutex);
    void on_alarm_locked() noexcept final OWSK_REQUIRES(socket_mutex);

    NTSTATUS check_disconnect_locked(const WSK_BUF* buffer, ULONG flags) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // WskDisconnect with WSK_FLAG_ABORTIVE.
    void abort() noexcept OWSK_EXCLUDES(socket_mutex);
    bool step_of_role_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);
    bool step_of_events_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        // Bytes are shown when no WskReceive waits for them.
        return (!receiver_.is_waited_for_locked() && indicator_.step_locked()) ||
               backlog_step_locked() || announcer_.step_locked(incoming_);
    }
    bool backlog_step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return sender_.state_locked() != SendState::dead &&
               backlog_.step_locked(*this, sender_.bytes_sent_locked());
    }
    void look_after_lingering_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        if (!is_closing_locked()) {
            sender_.look_after_lingering_locked();
        }
    }
    bool notice_failure_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return has_failed_locked() && die_of_failure_locked();
    }
    bool die_of_failure_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // The connection is gone: everything queued ends with `status`.
    void die_locked(NTSTATUS status, NTSTATUS status_of_sends) noexcept OWSK_REQUIRES(socket_mutex);

    // In an order in which small ones fill what others leave free.
    [[no_unique_address]] IncomingStream incoming_;
    [[no_unique_address]] DisconnectAnnouncer announcer_;
    Sender sender_;
    Receiver receiver_;
    Indicator indicator_;
    BacklogAnnouncer backlog_;
    const std::unique_ptr<Connector> connector_;
};

}  // namespace owsk::wsk
