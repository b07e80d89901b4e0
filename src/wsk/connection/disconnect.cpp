// SPDX-License-Identifier: MIT
// WskDisconnect, and the peer's side of it: WskDisconnectEvent.
#include "wsk/connection/connection_socket.h"
#include "wsk/socket/call_out.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

NTSTATUS ConnectionSocket::disconnect(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    Request request;
    NTSTATUS status = STATUS_SUCCESS;
    {
        Lock lock(mu_);
        request = begin_locked(irp, Operation::disconnect);
        if ((flags & ~static_cast<ULONG>(WSK_FLAG_ABORTIVE)) != 0) {
            status = STATUS_NOT_SUPPORTED;
        } else if (buffer != nullptr && (flags != 0 || !is_well_formed(*buffer))) {
            status = STATUS_INVALID_PARAMETER;
        } else if (send_state_ == SendState::unconnected) {
            status = STATUS_INVALID_DEVICE_STATE;
        } else if (flags == 0) {
            status = request.is_cancelled() ? STATUS_CANCELLED : send_check_locked();
        }
        if (NT_SUCCESS(status) && flags == 0) {
            request.transfer() = transfer_of(buffer != nullptr ? *buffer : WSK_BUF{}, 0);
            move_to(send_state_, SendState::finishing);
            want_turn_locked();
            return pend_locked(sends_, request);
        }
    }
    return NT_SUCCESS(status) ? abort(request) : finish(request, status);
}

NTSTATUS ConnectionSocket::abort(Request request) noexcept {
    {
        Lock lock(mu_);
        begin_to_linger_locked();
        if (linger_ == nullptr) {
            connection_->abort();
        } else {
            want_turn_locked();
        }
        die_locked(STATUS_CONNECTION_ABORTED, STATUS_CANCELLED);
    }
    return finish(request, STATUS_SUCCESS);
}

void ConnectionSocket::begin_to_linger_locked() noexcept {
    if (linger_ != nullptr || !started_ || send_state_ == SendState::dead) {
        return;
    }
    // Sends that will be cancelled report no more than what has arrived.
    const std::uint64_t acknowledged = acknowledged_locked();
    const std::uint64_t reported = withdraw_locked(acknowledged);
    const std::uint64_t withdrawn = bytes_sent_ - reported;
    bytes_sent_ = reported;
    if (reported > acknowledged && NT_SUCCESS(connection_->failure())) {
        linger_ = std::make_unique<Linger>(withdrawn, provider().system().host().clock().now());
    }
}

// After an abort, as long as the driver keeps the socket.
bool ConnectionSocket::linger_locked() noexcept {
    if (linger_ == nullptr || closing_) {
        return false;
    }
    const auto next = linger_->look(
        *connection_, provider().system().host().clock().now(), Linger::usual_patience);
    if (next.has_value()) {
        want_turn_at(*next);
    } else {
        linger_.reset();
        connection_->abort();
    }
    return false;
}

void ConnectionSocket::leave_behind(const Linger& linger) noexcept {
    std::unique_ptr<net::Connection> connection;
    auto former = std::make_unique<const std::string>(description());
    provider().sockets().change([&] {
        former_description_ = std::move(former);
        connection = std::move(connection_);
    });
    provider().lingering().take(std::move(connection), linger, processor());
}

void ConnectionSocket::finish_sending_locked(Request request) noexcept {
    if (!transmit_locked(request) || failed_) {
        return;
    }
    const NTSTATUS status = connection_->finish_sending();
    if (!NT_SUCCESS(status)) {
        failed_ = true;
    }
    move_to(send_state_, SendState::fin_sent);
    RequestQueue::remove(request);
    unacknowledged_.push(request);
}

// A disconnect that is taken back before its FIN has left the connection open, so that it can still
// end in order.
void ConnectionSocket::on_cancelled_locked(Request request) noexcept {
    if (request.operation() == Operation::disconnect && send_state_ == SendState::finishing) {
        move_to(send_state_, SendState::open);
    }
}

bool ConnectionSocket::notice_finish_acknowledged_locked() noexcept {
    if (!connection_->finish_acknowledged()) {
        return false;
    }
    if (send_state_ == SendState::fin_sent) {
        move_to(send_state_, SendState::finished);
    }
    decide_all_locked(unacknowledged_, STATUS_SUCCESS);
    return true;
}

bool ConnectionSocket::announce_disconnect_locked() noexcept {
    if (!event_is_on_locked(WSK_EVENT_DISCONNECT)) {
        return false;
    }
    ULONG flags = 0;
    if (abort_due_) {
        abort_due_ = false;
        flags = WSK_FLAG_ABORTIVE;
    } else {
        // With events the data comes first; a driver that receives by IRP is told at once.
        const bool finished = receive_state_ == ReceiveState::finished ||
                              (receive_state_ == ReceiveState::open && peer_finished_ &&
                               leftover_ == nullptr && !event_is_on_locked(WSK_EVENT_RECEIVE));
        if (!finished || graceful_announced_) {
            return false;
        }
        graceful_announced_ = true;
    }
    const PVOID context = context_;
    const PFN_WSK_DISCONNECT_EVENT callback = dispatch_->WskDisconnectEvent;
    events_.begin_call(WSK_EVENT_DISCONNECT);
    mu_.unlock();
    static_cast<void>(call_out(callback, context, flags | dispatch_level_flag()));
    mu_.lock();
    events_.end_call();
    return true;
}

}  // namespace owsk::wsk
