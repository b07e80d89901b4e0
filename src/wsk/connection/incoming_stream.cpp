// SPDX-License-Identifier: MIT
// Reading, the end of the stream, and what WskReceiveEvent has left.
#include "wsk/connection/incoming_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/planted.h"

namespace owsk::wsk {

void IncomingStream::die_locked() noexcept {
    move_to(state_, ReceiveState::dead);
    drop_leftover_locked();
}

net::Transfer IncomingStream::read_locked(std::span<const net::Slice> slices,
                                          SIZE_T asked,
                                          Turn& turn) noexcept {
    return note_outcome_locked(core_.connection().receive(slices), asked, turn);
}

net::Transfer IncomingStream::discard_locked(SIZE_T limit, Turn& turn) noexcept {
    return note_outcome_locked(core_.connection().discard(limit), limit, turn);
}

const net::Transfer& IncomingStream::note_outcome_locked(const net::Transfer& got,
                                                         SIZE_T asked,
                                                         Turn& turn) noexcept {
    switch (got.outcome) {
        case net::Outcome::done:
            bytes_received_ += got.bytes;
            turn.note_received_locked(got.bytes);
            // A short read has emptied the connection, unless the peer's FIN is still to be read.
            readable_ =
                got.bytes == asked || (peer_finished_ && !OWSK_PLANTED(end_of_stream_forgotten));
            break;
        case net::Outcome::would_block:
            readable_ = false;
            break;
        case net::Outcome::end_of_stream:
            readable_ = false;
            move_to(state_, ReceiveState::finished);
            // Every receive that still waits gets the end of the stream in its turn.
            core_.want_turns_locked();
            break;
        case net::Outcome::failed:
            core_.note_failure_locked();
            break;
    }
    return got;
}

IncomingStream::Leftover IncomingStream::take_leftover_locked() noexcept {
    return {std::exchange(leftover_, nullptr), leftover_offset_};
}

void IncomingStream::put_back_locked(const Leftover& leftover) noexcept {
    leftover_ = leftover.indication;
    leftover_offset_ = static_cast<ULONG>(leftover.offset);
    suspended_ = !resumed_in_event_;
}

SIZE_T IncomingStream::copy_leftover_locked(const TransferParameters& transfer) noexcept {
    if (!has_leftover_locked()) {
        return 0;
    }
    const DataIndication& indication = *leftover_;
    SIZE_T copied = 0;
    const Slices slices(transfer);
    for (const net::Slice& slice : slices.get()) {
        const SIZE_T count = std::min(slice.length, indication.length - leftover_offset_);
        std::memcpy(slice.base, indication.data + leftover_offset_, count);
        leftover_offset_ += static_cast<ULONG>(count);
        copied += count;
    }
    if (leftover_offset_ == indication.length) {
        drop_leftover_locked();
    }
    return copied;
}

void IncomingStream::drop_leftover_locked() noexcept {
    if (const Leftover leftover = take_leftover_locked(); leftover.indication != nullptr) {
        core_.services().blocks().release(*leftover.indication);
    }
}

void IncomingStream::resume_locked() noexcept {
    resumed_in_event_ =
        core_.events().is_running(WSK_EVENT_RECEIVE) && !OWSK_PLANTED(resumption_forgotten);
    if (suspended_) {
        suspended_ = false;
        core_.turn_of_events().want_locked();
    }
}

}  // namespace owsk::wsk
