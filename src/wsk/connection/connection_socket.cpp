// SPDX-License-Identifier: MIT
// How the roles of a connection work together.
#include "wsk/connection/connection_socket.h"

#include <utility>

#include "net/flow.h"
#include "wsk/connection/dispatch.h"
#include "wsk/connection/lingering.h"

namespace owsk::wsk {

ConnectionSocket::ConnectionSocket(SocketClient& client,
                                   Family family,
                                   PVOID context,
                                   const VOID* dispatch,
                                   host::Processor& processor) noexcept
    : ConnectionSocket(client,
                       Category::connection,
                       &connection_dispatch,
                       family,
                       context,
                       dispatch,
                       processor) {}

ConnectionSocket::ConnectionSocket(SocketClient& client,
                                   Category category,
                                   const VOID* functions,
                                   Family family,
                                   PVOID context,
                                   const VOID* dispatch,
                                   host::Processor& processor) noexcept
    : ConnectionCore(client, category, functions, context, dispatch, processor),
      incoming_(*this, ReceiveState::unconnected),
      sender_(*this, SendState::unconnected),
      receiver_(incoming_),
      indicator_(incoming_),
      connector_(std::make_unique<Connector>(*this, family)) {}

ConnectionSocket::ConnectionSocket(SocketClient& client,
                                   AcceptedConnection accepted,
                                   host::Processor& processor) noexcept
    : ConnectionCore(client, std::move(accepted), processor),
      incoming_(*this, ReceiveState::open),
      sender_(*this, SendState::open),
      receiver_(incoming_),
      indicator_(incoming_) {}

ConnectionSocket::~ConnectionSocket() {
    if (const ULONG lost = indicator_.release_all(); lost != 0) {
        services().note_unreleased_indications(description(), lost);
    }
    SocketLock lock(mutex());
    incoming_.drop_leftover_locked();
}

void ConnectionSocket::start() noexcept {
    const NTSTATUS status = start_connection(*this);
    if (!NT_SUCCESS(status)) {
        SocketLock lock(mutex());
        die_locked(status, status);
        announcer_.note_abort_locked();
    }
}

NTSTATUS ConnectionSocket::take_up(std::unique_ptr<net::Connection> connection) noexcept {
    const Address local = connection->local_address();
    const Address remote = connection->remote_address();
    keep_connection(std::move(connection));
    const NTSTATUS status = start_connection(*this);
    if (!NT_SUCCESS(status)) {
        keep_connection(nullptr);
        return status;
    }
    services().probes().connection_made({local, remote});
    SocketLock lock(mutex());
    sender_.open_locked();
    incoming_.open_locked();
    return STATUS_SUCCESS;
}

void ConnectionSocket::introduce(ULONG enabled) noexcept {
    SocketLock lock(mutex());
    events().enable(enabled);
    await_callbacks_locked();
}

void ConnectionSocket::adopt(PVOID context,
                             const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept {
    SocketLock lock(mutex());
    name_callbacks_locked(context, dispatch);
}

void ConnectionSocket::on_ready(net::Readiness readiness) noexcept {
    mutex().lock();
    incoming_.note_locked(readiness);
    sender_.note_locked(readiness);
    if (readiness.failed) {
        note_failure_locked();
    }
    take_turns_and_unlock();
}

// For what nobody announces: memory for received bytes, an acknowledgment.
void ConnectionSocket::on_alarm_locked() noexcept {
    sender_.note_news_locked();
}

bool ConnectionSocket::step_locked(Turn& turn) noexcept {
    if (has_role_turns()) {
        return step_of_role_locked(turn);
    }
    if (notice_failure_locked() || sender_.step_locked() || receiver_.step_locked() ||
        step_of_events_locked()) {
        return true;
    }
    look_after_lingering_locked();
    return false;
}

bool ConnectionSocket::step_of_role_locked(Turn& turn) noexcept {
    bool any = false;
    if (&turn == &turn_of_sender()) {
        look_after_lingering_locked();
        any = sender_.step_locked();
    } else if (&turn == &turn_of_receiver()) {
        any = receiver_.step_locked();
    } else {
        any = &turn == &turn_of_events() ? step_of_events_locked() : notice_failure_locked();
    }
    if (any) {
        // It may have been what another role has waited for.
        want_turns_locked();
    }
    return any;
}

bool ConnectionSocket::die_of_failure_locked() noexcept {
    if (sender_.state_locked() == SendState::dead) {
        return false;
    }
    sender_.settle_locked();
    // What was received and not read before it is discarded, as on Windows.
    const NTSTATUS failure = connection().failure();
    const NTSTATUS status = NT_SUCCESS(failure) ? STATUS_CONNECTION_RESET : failure;
    die_locked(status, status);
    announcer_.note_abort_locked();
    return true;
}

void ConnectionSocket::die_locked(NTSTATUS status, NTSTATUS status_of_sends) noexcept {
    if (sender_.state_locked() == SendState::dead) {
        return;
    }
    note_death_locked(status);
    sender_.die_locked(status_of_sends);
    incoming_.die_locked();
    receiver_.decide_all_locked(status);
}

NTSTATUS ConnectionSocket::check_disconnect_locked(const WSK_BUF* buffer,
                                                   ULONG flags) const noexcept {
    if ((flags & ~static_cast<ULONG>(WSK_FLAG_ABORTIVE)) != 0) {
        return STATUS_NOT_SUPPORTED;
    }
    if (buffer != nullptr && (flags != 0 || !is_well_formed(*buffer))) {
        return STATUS_INVALID_PARAMETER;
    }
    if (sender_.state_locked() == SendState::unconnected || is_silent_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ConnectionSocket::disconnect(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    Request request;
    NTSTATUS status = STATUS_SUCCESS;
    {
        SocketLock lock(mutex());
        request = begin_locked(irp, Operation::disconnect, sender_, turn_of_sender());
        status = check_disconnect_locked(buffer, flags);
        if (NT_SUCCESS(status) && flags == 0) {
            status = request.is_cancelled() ? STATUS_CANCELLED : sender_.check_locked();
            if (NT_SUCCESS(status)) {
                return sender_.finish_locked(request, buffer);
            }
        }
    }
    if (NT_SUCCESS(status)) {
        abort();
    }
    request.decide(status, 0);
    return turn_of_sender().finish(request, choose_mode(Operation::disconnect));
}

void ConnectionSocket::abort() noexcept {
    SocketLock lock(mutex());
    if (sender_.begin_to_linger_locked()) {
        turn_of_sender().want_locked();
    } else {
        connection().abort();
    }
    die_locked(STATUS_CONNECTION_ABORTED, STATUS_CANCELLED);
}

NTSTATUS ConnectionSocket::set_descriptor(DescriptorRef descriptor) noexcept {
    SocketLock lock(mutex());
    return connector_ != nullptr ? connector_->set_descriptor_locked(std::move(descriptor))
                                 : STATUS_INVALID_DEVICE_STATE;
}

DescriptorRef ConnectionSocket::descriptor() noexcept {
    SocketLock lock(mutex());
    return connector_ != nullptr ? connector_->descriptor_locked() : nullptr;
}

bool ConnectionSocket::is_unconnected() noexcept {
    SocketLock lock(mutex());
    return sender_.state_locked() == SendState::unconnected;
}

NTSTATUS ConnectionSocket::silence() noexcept {
    SocketLock lock(mutex());
    switch (sender_.state_locked()) {
        case SendState::unconnected:
            return STATUS_INVALID_DEVICE_STATE;
        case SendState::dead:
            return death_locked();
        default:
            break;
    }
    const Address& remote = connection().remote_address();
    if (net::is_loopback(net::v4_unmapped(remote)) ||
        remote.ip == connection().local_address().ip) {
        return STATUS_NOT_SUPPORTED;
    }
    if (!sender_.is_idle_locked() || connection().unacknowledged() != 0) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    const NTSTATUS status = connection().silence();
    if (NT_SUCCESS(status)) {
        note_silence_locked();
        die_locked(STATUS_INVALID_DEVICE_STATE, STATUS_INVALID_DEVICE_STATE);
    }
    return status;
}

Result<SIZE_T> ConnectionSocket::backlog(Backlog which) noexcept {
    SocketLock lock(mutex());
    switch (sender_.state_locked()) {
        case SendState::unconnected:
            return STATUS_INVALID_DEVICE_STATE;
        case SendState::dead:
            return death_locked();
        default:
            return which == Backlog::ideal_send ? backlog_.tell_locked(*this)
                                                : incoming_.untaken_locked();
    }
}

std::optional<Address> ConnectionSocket::bound_address_locked() const noexcept {
    return connector_ != nullptr ? connector_->bound_address_locked() : std::nullopt;
}

NTSTATUS ConnectionSocket::set_early_option_locked(ULONG level,
                                                   ULONG option,
                                                   ULONG value) noexcept {
    if (connector_ != nullptr) {
        return connector_->set_option_locked(level, option, value);
    }
    const bool too_late = SharingChoice::of_option(level, option) != Sharing::none;
    return too_late ? STATUS_INVALID_DEVICE_STATE : STATUS_NOT_SUPPORTED;
}

Result<ULONG> ConnectionSocket::get_early_option_locked(ULONG level, ULONG option) const noexcept {
    if (connector_ == nullptr) {
        return STATUS_NOT_SUPPORTED;
    }
    return connector_->get_option_locked(level, option);
}

bool ConnectionSocket::can_have_events_locked() const noexcept {
    return sender_.state_locked() != SendState::unconnected;
}

void ConnectionSocket::cancel_all_locked() noexcept {
    static_cast<void>(sender_.begin_to_linger_locked());
    if (connector_ != nullptr) {
        connector_->cancel_all_locked();
    }
    sender_.cancel_all_locked();
    receiver_.decide_all_locked(STATUS_CANCELLED);
}

bool ConnectionSocket::close_transport(host::Task& closed) noexcept {
    if (connector_ != nullptr) {
        connector_->release_address();
    }
    if (!is_connected()) {
        return connector_ != nullptr && connector_->close(closed);
    }
    bool started = false;
    std::unique_ptr<Linger> linger;
    probe::ConnectionClosed record = {
        connection().local_address(), connection().remote_address(), 0, 0};
    {
        SocketLock lock(mutex());
        started = has_started_locked();
        linger = sender_.take_linger_locked();
        record.bytes_received = incoming_.bytes_received_locked();
        record.bytes_sent = sender_.bytes_sent_locked();
    }
    if (!started) {
        return false;
    }
    services().probes().connection_closed(record);
    cancel_alarm();
    if (linger != nullptr) {
        // The provider goes on with it.
        services().lingering().take(release_connection(), *linger, turn().processor());
        return false;
    }
    connection().close(closed);
    return true;
}

}  // namespace owsk::wsk
