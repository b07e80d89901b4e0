// SPDX-License-Identifier: MIT
// WskSend: in the caller's thread as far as the network takes it, the rest when there is room.
#include "wsk/connection/connection_socket.h"

namespace owsk::wsk {

NTSTATUS ConnectionSocket::send_check_locked() const noexcept {
    switch (send_state_) {
        case SendState::open:
            return STATUS_SUCCESS;
        case SendState::dead:
            return death_;
        default:
            return STATUS_INVALID_DEVICE_STATE;
    }
}

NTSTATUS ConnectionSocket::send(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    const CompletionMode mode = provider().choose(Operation::send);
    Request request;
    NTSTATUS status = STATUS_SUCCESS;
    {
        Lock lock(mu_);
        request = begin_locked(irp, Operation::send);
        if (buffer == nullptr || !is_well_formed(*buffer)) {
            status = STATUS_INVALID_PARAMETER;
        } else if ((flags & ~static_cast<ULONG>(WSK_FLAG_NODELAY)) != 0) {
            status = STATUS_NOT_SUPPORTED;
        } else {
            status = request.is_cancelled() ? STATUS_CANCELLED : send_check_locked();
        }
        if (NT_SUCCESS(status)) {
            request.transfer() = transfer_of(*buffer, flags);
            // What was sent before goes first.
            if (!sends_.empty() || !transmit_locked(request)) {
                return pend_locked(sends_, request);
            }
            if (!request.is_decided()) {
                note_on_its_way_locked(request);
                return pend_locked(unacknowledged_, request);
            }
            if (!unacknowledged_.empty()) {
                // It has failed, and so will those before it.
                return pend_locked(sends_, request);
            }
            if (!take_turn_in_call_locked(mode)) {
                return finish_later_locked(request);
            }
        }
    }
    return NT_SUCCESS(status) ? finish_in_call(request, mode) : finish(request, status);
}

bool ConnectionSocket::transmit_locked(Request request) noexcept {
    TransferParameters& transfer = request.transfer();
    while (transfer.done < transfer.length) {
        const Slices slices(transfer);
        const bool more = slices.bytes() < transfer.length - transfer.done ||
                          request.operation() == Operation::disconnect;
        const net::Transfer sent = connection_->send(slices.get(), more);
        if (sent.outcome == net::Outcome::would_block) {
            writable_ = false;
            return false;
        }
        if (sent.outcome != net::Outcome::done) {
            // The turn tells everybody else.
            failed_ = true;
            want_turn_locked();
            request.decide(sent.status, transfer.done);
            return true;
        }
        transfer.done += sent.bytes;
        bytes_sent_ += sent.bytes;
    }
    if ((transfer.flags & WSK_FLAG_NODELAY) != 0) {
        connection_->push();
    }
    // A disconnect has its result only when the FIN is acknowledged.
    if (request.operation() == Operation::send && !waits_for_acknowledgment_locked(transfer)) {
        request.decide(STATUS_SUCCESS, transfer.done);
    }
    return true;
}

bool ConnectionSocket::serve_sends_locked() noexcept {
    if (notice_acknowledgments_locked()) {
        return true;
    }
    if (sends_.empty() || !writable_) {
        return false;
    }
    const Request request = sends_.front();
    if (request.operation() == Operation::disconnect) {
        finish_sending_locked(request);
        return true;
    }
    if (!transmit_locked(request) || failed_) {
        // A failure ends all sends, the oldest first.
        return true;
    }
    if (request.is_decided()) {
        decide_locked(request, request.status(), request.information());
    } else {
        note_on_its_way_locked(request);
        RequestQueue::remove(request);
        unacknowledged_.push(request);
    }
    return true;
}

}  // namespace owsk::wsk
