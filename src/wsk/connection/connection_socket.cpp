// SPDX-License-Identifier: MIT
// What a connection is made of: the order of its work, its notes from the network, its end.
#include "wsk/connection/connection_socket.h"

#include "base/planted.h"
#include "wsk/connection/dispatch.h"
#include "wsk/registration/client.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

ConnectionSocket::ConnectionSocket(Client& client,
                                   PVOID context,
                                   const VOID* dispatch,
                                   host::Processor& processor) noexcept
    : Socket(client, Category::connection, &connection_dispatch, processor),
      context_(context),
      dispatch_(dispatch, "WskSocket") {
    InitializeListHead(&retained_);
}

ConnectionSocket::ConnectionSocket(Client& client,
                                   AcceptedConnection accepted,
                                   host::Processor& processor) noexcept
    : Socket(client, Category::connection, &connection_dispatch, processor),
      connection_(std::move(accepted.connection)),
      inspect_id_(accepted.inspect_id.value_or(InspectId{})),
      context_(accepted.context),
      dispatch_(accepted.dispatch, "WskAccept"),
      options_(accepted.options),
      send_state_(SendState::open),
      receive_state_(ReceiveState::open) {
    InitializeListHead(&retained_);
    events_.set_static(static_events_of(Category::connection, client.static_events()));
}

ConnectionSocket::~ConnectionSocket() {
    drop_leftover_locked();
    // Retained past the close: the driver's WskRelease will find no socket any more.
    ULONG lost = 0;
    while (!IsListEmpty(&retained_)) {
        LIST_ENTRY* entry = RemoveHeadList(&retained_);
        provider().blocks().release(*CONTAINING_RECORD(entry, Indication, entry));
        ++lost;
    }
    if (lost != 0) {
        provider().note_unreleased_indications(description(), lost);
    }
}

void ConnectionSocket::start() noexcept {
    if (provider().sends_wait_for_acknowledgment()) {
        connection_->announce_acknowledgments();
    }
    const NTSTATUS status = connection_->start(processor(), *this);
    Lock lock(mu_);
    started_ = NT_SUCCESS(status);
    if (!started_) {
        die_locked(status, status);
        abort_due_ = true;
    }
}

void ConnectionSocket::introduce(ULONG events) noexcept {
    Lock lock(mu_);
    events_.enable(events);
    dispatch_is_known_ = false;
}

void ConnectionSocket::adopt(PVOID context,
                             const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept {
    Lock lock(mu_);
    context_ = context;
    dispatch_ = {dispatch, "WskAcceptEvent"};
    dispatch_is_known_ = true;
}

std::string ConnectionSocket::description() const {
    if (former_description_ != nullptr) {
        return *former_description_;
    }
    if (connection_ == nullptr) {
        return "connection-oriented socket, not connected";
    }
    return "connection of " + to_string(connection_->remote_address()) + " to " +
           to_string(connection_->local_address());
}

Result<InspectId> ConnectionSocket::inspect_id() const noexcept {
    if (inspect_id_.number == 0) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    return inspect_id_;
}

Result<Address> ConnectionSocket::local_address() noexcept {
    if (connection_ == nullptr) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return connection_->local_address();
}

Result<Address> ConnectionSocket::remote_address() noexcept {
    if (connection_ == nullptr) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return connection_->remote_address();
}

NTSTATUS ConnectionSocket::set_option(ULONG level, ULONG option, ULONG value) noexcept {
    const auto transport = transport_option(level, option);
    if (!transport.has_value()) {
        const bool too_late =
            level == SOL_SOCKET && connection_ != nullptr &&
            (option == SO_REUSEADDR || option == static_cast<ULONG>(SO_EXCLUSIVEADDRUSE));
        return too_late ? STATUS_INVALID_DEVICE_STATE : STATUS_NOT_SUPPORTED;
    }
    if (!may_be(*transport, value)) {
        return STATUS_INVALID_PARAMETER;
    }
    Lock lock(mu_);
    options_.remember(*transport, value);
    return connection_ == nullptr ? STATUS_SUCCESS : connection_->set_option(*transport, value);
}

Result<ULONG> ConnectionSocket::get_option(ULONG level, ULONG option) noexcept {
    const auto transport = transport_option(level, option);
    if (!transport.has_value()) {
        return STATUS_NOT_SUPPORTED;
    }
    Lock lock(mu_);
    if (const auto value = options_.value(*transport)) {
        return *value;
    }
    if (connection_ == nullptr) {
        return ULONG{0};
    }
    return connection_->get_option(*transport);
}

void ConnectionSocket::on_ready(net::Readiness readiness) noexcept {
    mu_.lock();
    readable_ = readable_ || readiness.readable || readiness.peer_finished;
    writable_ = writable_ || readiness.writable;
    has_news_of_sends_ = has_news_of_sends_ || readiness.writable;
    peer_finished_ = peer_finished_ || readiness.peer_finished;
    failed_ = failed_ || readiness.failed;
    take_turn_and_unlock();
}

bool ConnectionSocket::step_locked() noexcept {
    return notice_failure_locked() || serve_sends_locked() || serve_receives_locked() ||
           indicate_locked() || announce_disconnect_locked() || announce_failed_start_locked() ||
           linger_locked();
}

void ConnectionSocket::die_locked(NTSTATUS status, NTSTATUS status_of_sends) noexcept {
    if (send_state_ == SendState::dead) {
        return;
    }
    move_to(send_state_, SendState::dead);
    move_to(receive_state_, ReceiveState::dead);
    death_ = status;
    decide_all_locked(unacknowledged_, status_of_sends);
    decide_all_locked(sends_, status_of_sends);
    decide_all_locked(receives_, status);
    drop_leftover_locked();
}

bool ConnectionSocket::notice_failure_locked() noexcept {
    if (!failed_ || send_state_ == SendState::dead) {
        return false;
    }
    // What has arrived before a reset was sent all the same.
    complete_acknowledged_locked();
    if (!unacknowledged_.empty()) {
        static_cast<void>(withdraw_locked(acknowledged_locked()));
    }
    // What was received and not read before it is discarded, as on Windows.
    const NTSTATUS status = connection_->failure();
    die_locked(NT_SUCCESS(status) ? STATUS_CONNECTION_RESET : status,
               NT_SUCCESS(status) ? STATUS_CONNECTION_RESET : status);
    abort_due_ = true;
    return true;
}

bool ConnectionSocket::can_have_events_locked() const noexcept {
    return send_state_ != SendState::unconnected;
}

bool ConnectionSocket::has_callbacks_locked(ULONG mask) const noexcept {
    if (!dispatch_is_known_) {
        return true;
    }
    const WSK_CLIENT_CONNECTION_DISPATCH& named = dispatch_.named();
    return ((mask & WSK_EVENT_RECEIVE) == 0 || named.WskReceiveEvent != nullptr) &&
           ((mask & WSK_EVENT_DISCONNECT) == 0 || named.WskDisconnectEvent != nullptr) &&
           ((mask & WSK_EVENT_SEND_BACKLOG) == 0 || named.WskSendBacklogEvent != nullptr);
}

bool ConnectionSocket::event_is_on_locked(ULONG event) const noexcept {
    // Inherited and static events may name callbacks that this socket's table does not have.
    return !closing_ && dispatch_is_known_ && events_.is_on(event) && has_callbacks_locked(event);
}

ULONG_PTR ConnectionSocket::progress_of(Request request) const noexcept {
    return request.operation() == Operation::receive || request.operation() == Operation::send
               ? request.transfer().progress()
               : 0;
}

void ConnectionSocket::cancel_all_locked() noexcept {
    begin_to_linger_locked();
    if (!OWSK_PLANTED(disconnects_not_cancelled)) {
        decide_all_locked(unacknowledged_, STATUS_CANCELLED);
    }
    decide_all_locked(sends_, STATUS_CANCELLED);
    decide_all_locked(receives_, STATUS_CANCELLED);
}

void ConnectionSocket::want_turn_at(Instant due) noexcept {
    later_turn_is_set_ = true;
    later_turn_was_set_ = true;
    processor().set_timer(*this, due);
}

bool ConnectionSocket::close_transport(host::Task& closed) noexcept {
    if (connection_ == nullptr) {
        return false;
    }
    bool started = false;
    bool later_turn_was_set = false;
    std::unique_ptr<Linger> linger;
    probe::ConnectionClosed record = {
        connection_->local_address(), connection_->remote_address(), 0, 0};
    {
        Lock lock(mu_);
        started = started_;
        later_turn_was_set = later_turn_was_set_;
        linger = std::move(linger_);
        record.bytes_received = bytes_received_;
        record.bytes_sent = bytes_sent_;
    }
    if (!started) {
        return false;
    }
    provider().probes().connection_closed(record);
    if (later_turn_was_set) {
        // If it expires just now, it has done so when `closed` runs.
        processor().cancel_timer(*this);
    }
    if (linger != nullptr) {
        leave_behind(*linger);
        return false;
    }
    connection_->close(closed);
    return true;
}

}  // namespace owsk::wsk
