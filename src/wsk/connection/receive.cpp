// SPDX-License-Identifier: MIT
// WskReceive: received bytes into the driver's buffers, in the order of the requests.
#include <algorithm>
#include <cstring>

#include "base/planted.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

namespace {

constexpr ULONG known_flags = WSK_FLAG_WAITALL | WSK_FLAG_DRAIN;
// What one call throws away at the most before it looks up.
constexpr SIZE_T drain_step = 1024 * 1024;

NTSTATUS check_arguments(const WSK_BUF* buffer, ULONG flags) noexcept {
    if ((flags & ~known_flags) != 0) {
        return STATUS_NOT_SUPPORTED;
    }
    if (buffer == nullptr || !is_well_formed(*buffer) || flags == known_flags) {
        return STATUS_INVALID_PARAMETER;
    }
    const bool drain = (flags & WSK_FLAG_DRAIN) != 0;
    return drain && buffer->Length != 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

// A receive of nothing takes no data: it only lets events go on.
bool only_resumes(const WSK_BUF& buffer, ULONG flags) noexcept {
    return buffer.Length == 0 && (flags & WSK_FLAG_DRAIN) == 0;
}

}  // namespace

NTSTATUS ConnectionSocket::receive_check_locked(Request request,
                                                const WSK_BUF* buffer,
                                                ULONG flags) const noexcept {
    const NTSTATUS status = check_arguments(buffer, flags);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (receive_state_ == ReceiveState::unconnected) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (receive_state_ == ReceiveState::dead) {
        return death_;
    }
    return request.is_cancelled() ? STATUS_CANCELLED : STATUS_SUCCESS;
}

NTSTATUS ConnectionSocket::receive(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    const CompletionMode mode = provider().choose(Operation::receive);
    Request request;
    {
        Lock lock(mu_);
        request = begin_locked(irp, Operation::receive);
        const NTSTATUS status = receive_check_locked(request, buffer, flags);
        const bool resumes = NT_SUCCESS(status) && only_resumes(*buffer, flags);
        request.transfer() =
            NT_SUCCESS(status) ? transfer_of(*buffer, flags) : TransferParameters{};
        if (NT_SUCCESS(status)) {
            resumed_in_callback_ =
                events_.is_running(WSK_EVENT_RECEIVE) && !OWSK_PLANTED(resumption_forgotten);
            if (suspended_) {
                suspended_ = false;
                want_turn_locked();
            }
        }
        const bool first = receives_.empty();
        if (!NT_SUCCESS(status) || resumes) {
            request.decide(status, 0);
            if (!take_turn_in_call_locked(mode)) {
                return finish_later_locked(request);
            }
        } else if (!first || events_.is_running(WSK_EVENT_RECEIVE) ||
                   !take_turn_in_call_locked(mode)) {
            // Inside WskReceiveEvent, what that leaves of the shown bytes comes first.
            want_turn_locked();
            return pend_locked(receives_, request);
        } else if (!fill_locked(request)) {
            give_turn_back_locked();
            return pend_locked(receives_, request);
        }
    }
    return finish_in_call(request, mode);
}

bool ConnectionSocket::serve_receives_locked() noexcept {
    if (receives_.empty() || has_its_share_locked() ||
        (!readable_ && leftover_ == nullptr && receive_state_ == ReceiveState::open)) {
        return false;
    }
    const Request request = receives_.front();
    if (!fill_locked(request)) {
        return false;
    }
    decide_locked(request, request.status(), request.information());
    return true;
}

bool ConnectionSocket::fill_locked(Request request) noexcept {
    TransferParameters& transfer = request.transfer();
    if (receive_state_ == ReceiveState::finished) {
        request.decide(STATUS_SUCCESS, transfer.done);
        return true;
    }
    if ((transfer.flags & WSK_FLAG_DRAIN) != 0) {
        return drain_locked(request);
    }
    if (leftover_ != nullptr && fails_locked(request)) {
        return true;
    }
    transfer.done += copy_leftover_locked(request);
    const bool wait_all = (transfer.flags & WSK_FLAG_WAITALL) != 0;
    while (transfer.done < transfer.length && (transfer.done == 0 || wait_all)) {
        const Slices slices(transfer);
        const net::Transfer got = connection_->receive(slices.get());
        if (take_outcome_locked(request, got, slices.bytes())) {
            return request.is_decided();
        }
        transfer.done += got.bytes;
    }
    request.decide(STATUS_SUCCESS, transfer.done);
    return true;
}

// What lies here is discarded by a reset like what lies in the network.
bool ConnectionSocket::fails_locked(Request request) noexcept {
    const NTSTATUS status = connection_->look_for_failure();
    if (NT_SUCCESS(status)) {
        return false;
    }
    request.decide(status, request.transfer().done);
    failed_ = true;
    want_turn_locked();
    return true;
}

bool ConnectionSocket::drain_locked(Request request) noexcept {
    drop_leftover_locked();
    for (;;) {
        const net::Transfer got = connection_->discard(drain_step);
        if (take_outcome_locked(request, got, drain_step)) {
            return request.is_decided();
        }
    }
}

// True when the network has no more for `request` now; then it may have its result.
bool ConnectionSocket::take_outcome_locked(Request request,
                                           const net::Transfer& transfer,
                                           SIZE_T asked) noexcept {
    switch (transfer.outcome) {
        case net::Outcome::done:
            note_read_locked(transfer.bytes, asked);
            return false;
        case net::Outcome::would_block:
            readable_ = false;
            return true;
        case net::Outcome::end_of_stream:
            request.decide(STATUS_SUCCESS, request.transfer().done);
            end_of_stream_locked();
            return true;
        case net::Outcome::failed:
            request.decide(transfer.status, request.transfer().done);
            failed_ = true;
            want_turn_locked();
            return true;
    }
    return true;
}

void ConnectionSocket::note_read_locked(SIZE_T bytes, SIZE_T asked) noexcept {
    bytes_received_ += bytes;
    note_received_locked(bytes);
    // A short read has emptied the connection, unless the peer's FIN is still to be read.
    readable_ = bytes == asked || (peer_finished_ && !OWSK_PLANTED(end_of_stream_forgotten));
}

void ConnectionSocket::end_of_stream_locked() noexcept {
    readable_ = false;
    move_to(receive_state_, ReceiveState::finished);
    // Every receive that still waits gets the end of the stream in its turn.
    want_turn_locked();
}

SIZE_T ConnectionSocket::copy_leftover_locked(Request request) noexcept {
    if (leftover_ == nullptr) {
        return 0;
    }
    SIZE_T copied = 0;
    const Slices slices(request.transfer());
    for (const net::Slice& slice : slices.get()) {
        const SIZE_T count = std::min(slice.length, leftover_->length - leftover_offset_);
        std::memcpy(slice.base, leftover_->data + leftover_offset_, count);
        leftover_offset_ += count;
        copied += count;
    }
    if (leftover_offset_ == leftover_->length) {
        drop_leftover_locked();
    }
    return copied;
}

void ConnectionSocket::drop_leftover_locked() noexcept {
    if (leftover_ != nullptr) {
        provider().blocks().release(*leftover_);
        leftover_ = nullptr;
        leftover_offset_ = 0;
    }
}

}  // namespace owsk::wsk
