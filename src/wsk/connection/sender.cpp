// SPDX-License-Identifier: MIT
// Sends in their order, and what they report.
#include "wsk/connection/sender.h"

#include "base/planted.h"
#include "wsk/connection/backlog_announcer.h"

namespace owsk::wsk {

NTSTATUS Sender::check_locked() const noexcept {
    switch (state_) {
        case SendState::open:
            return STATUS_SUCCESS;
        case SendState::dead:
            return core_.death_locked();
        default:
            return STATUS_INVALID_DEVICE_STATE;
    }
}

NTSTATUS Sender::send(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    const CompletionMode mode = core_.choose_mode(Operation::send);
    Turn& turn = core_.turn_of_sender();
    Request request;
    NTSTATUS status = STATUS_SUCCESS;
    {
        SocketLock lock(core_.mutex());
        request = core_.begin_locked(irp, Operation::send, *this, turn);
        if (buffer == nullptr || !is_well_formed(*buffer)) {
            status = STATUS_INVALID_PARAMETER;
        } else if ((flags & ~static_cast<ULONG>(WSK_FLAG_NODELAY)) != 0) {
            status = STATUS_NOT_SUPPORTED;
        } else {
            status = request.is_cancelled() ? STATUS_CANCELLED : check_locked();
        }
        if (NT_SUCCESS(status)) {
            TransferParameters::of(request) = TransferParameters::from(*buffer, flags);
            // What was sent before goes first.
            if (!sends_.empty() || !transmit_locked(request)) {
                return turn.pend_locked(sends_, request);
            }
            if (!request.is_decided()) {
                unacknowledged_.note_on_its_way_locked(core_, request);
                return turn.pend_locked(unacknowledged_.requests_locked(), request);
            }
            if (!unacknowledged_.empty_locked()) {
                // It has failed, and so will those before it.
                return turn.pend_locked(sends_, request);
            }
            if (!turn.take_in_call_locked(mode)) {
                return turn.finish_later_locked(request);
            }
        }
    }
    if (NT_SUCCESS(status)) {
        return turn.finish_in_call(request, mode);
    }
    request.decide(status, 0);
    return turn.finish(request, mode);
}

void Sender::send_first_locked(Request connect) noexcept {
    Turn& turn = core_.turn_of_sender();
    unacknowledged_.note_sent_locked(TransferParameters::of(connect).done);
    turn.take_over_request_locked(core_.turn());
    connect.hand_over(*this);
    turn.pend_again_locked(sends_, connect);
    turn.want_locked();
}

bool Sender::transmit_locked(Request request) noexcept {
    TransferParameters& transfer = TransferParameters::of(request);
    net::Connection& connection = core_.connection();
    while (transfer.done < transfer.length) {
        const Slices slices(transfer);
        const bool more = slices.bytes() < transfer.length - transfer.done ||
                          request.operation() == Operation::disconnect;
        const net::Transfer sent = connection.send(slices.get(), more);
        if (sent.outcome == net::Outcome::would_block) {
            writable_ = false;
            return false;
        }
        if (sent.outcome != net::Outcome::done) {
            core_.note_failure_locked();
            request.decide(sent.status, transfer.done);
            return true;
        }
        transfer.done += sent.bytes;
        const std::uint64_t before = bytes_sent_locked();
        unacknowledged_.note_sent_locked(sent.bytes);
        if (BacklogAnnouncer::is_due(before, bytes_sent_locked()) &&
            core_.events().is_on(WSK_EVENT_SEND_BACKLOG)) {
            core_.turn_of_events().want_locked();
        }
    }
    if ((transfer.flags & WSK_FLAG_NODELAY) != 0) {
        connection.push();
    }
    // A disconnect has its result only when the FIN is acknowledged.
    if (request.operation() != Operation::disconnect &&
        !unacknowledged_.holds_back_locked(core_, transfer)) {
        request.decide(STATUS_SUCCESS, progress_of(request));
    }
    return true;
}

bool Sender::serve_locked() noexcept {
    if (unacknowledged_.is_finishing_locked() ? notice_finish_acknowledged_locked()
                                              : unacknowledged_.step_locked(core_)) {
        return true;
    }
    if (sends_.empty() || !writable_) {
        return false;
    }
    const Request request = sends_.front();
    if (request.operation() == Operation::disconnect) {
        transmit_finish_locked(request);
        return true;
    }
    if (!transmit_locked(request) || core_.has_failed_locked()) {
        // A failure ends all sends, the oldest first.
        return true;
    }
    if (request.is_decided()) {
        core_.turn_of_sender().decide_locked(request, request.status(), request.information());
    } else {
        unacknowledged_.note_on_its_way_locked(core_, request);
        RequestQueue::remove(request);
        unacknowledged_.push_locked(request);
    }
    return true;
}

void Sender::die_locked(NTSTATUS status) noexcept {
    move_to(state_, SendState::dead);
    core_.turn_of_sender().decide_all_locked(unacknowledged_.requests_locked(), status);
    core_.turn_of_sender().decide_all_locked(sends_, status);
}

void Sender::cancel_all_locked() noexcept {
    if (!OWSK_PLANTED(disconnects_not_cancelled)) {
        core_.turn_of_sender().decide_all_locked(unacknowledged_.requests_locked(),
                                                 STATUS_CANCELLED);
    }
    core_.turn_of_sender().decide_all_locked(sends_, STATUS_CANCELLED);
}

void Sender::cancel(Request request) noexcept {
    SocketLock lock(core_.mutex());
    withdraw_locked(request);
}

void Sender::withdraw_locked(Request request) noexcept {
    core_.turn_of_sender().withdraw_locked(
        request, OWSK_PLANTED(cancel_takes_bytes_back) ? 0 : progress_of(request));
    // A disconnect that is taken back before its FIN has left the connection open, so that it can
    // still end in order.
    if (request.operation() == Operation::disconnect && state_ == SendState::finishing) {
        move_to(state_, SendState::open);
    }
}

ULONG_PTR Sender::progress_of(Request request) const noexcept {
    return request.operation() == Operation::send ? TransferParameters::of(request).progress() : 0;
}

void Sender::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    TransferParameters::of(request).visit_memory(visitor);
}

}  // namespace owsk::wsk
