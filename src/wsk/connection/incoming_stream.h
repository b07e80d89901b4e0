// SPDX-License-Identifier: MIT
// IncomingStream: the bytes that a connection receives, for whoever takes them next: a WskReceive,
// or WskReceiveEvent. What the callback leaves comes first, again or for a WskReceive.
#pragma once

#include <cstdint>
#include <span>

#include "wsk/connection/connection_core.h"
#include "wsk/connection/state.h"
#include "wsk/memory/block.h"
#include "wsk/memory/transfer.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

class IncomingStream {
  public:
    IncomingStream(ConnectionCore& core, ReceiveState state) noexcept
        : core_(core), state_(state) {}
    IncomingStream(const IncomingStream&) = delete;
    IncomingStream& operator=(const IncomingStream&) = delete;

    ConnectionCore& core() const noexcept { return core_; }

    // The socket is connected now.
    void open_locked() noexcept OWSK_REQUIRES(socket_mutex) { move_to(state_, ReceiveState::open); }
    ReceiveState state_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return state_; }
    std::uint64_t bytes_received_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return bytes_received_;
    }
    // Whether there is an end of the stream to announce.
    bool has_end_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return peer_finished_ || state_ == ReceiveState::finished;
    }
    bool peer_has_finished_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return peer_finished_;
    }

    void note_locked(const net::Readiness& readiness) noexcept OWSK_REQUIRES(socket_mutex) {
        if (readiness.readable || readiness.peer_finished) {
            readable_ = true;
        }
        if (readiness.peer_finished) {
            peer_finished_ = true;
        }
    }
    // What was received and not taken is discarded.
    void die_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // Whether the network may have bytes, or the end of the stream.
    bool is_readable_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return readable_; }
    // Reads from the network in `turn`, and notes how that went. After Outcome::failed the turn
    // tells everybody else.
    net::Transfer read_locked(std::span<const net::Slice> slices, SIZE_T asked, Turn& turn) noexcept
        OWSK_REQUIRES(socket_mutex);
    net::Transfer discard_locked(SIZE_T limit, Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);

    // Received bytes that WskReceiveEvent did not take, from `offset` on. No indication: none.
    struct Leftover {
        DataIndication* indication = nullptr;
        SIZE_T offset = 0;
    };
    bool has_leftover_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return leftover_ != nullptr;
    }
    Leftover take_leftover_locked() noexcept OWSK_REQUIRES(socket_mutex);
    void put_back_locked(const Leftover& leftover) noexcept OWSK_REQUIRES(socket_mutex);
    // How many bytes nobody has taken yet, here and in the network.
    SIZE_T untaken_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        const SIZE_T here = leftover_ != nullptr ? leftover_->length - leftover_offset_ : 0;
        return here + core_.connection().unread();
    }
    // Copies them into a transfer, as far as they go.
    SIZE_T copy_leftover_locked(const TransferParameters& transfer) noexcept
        OWSK_REQUIRES(socket_mutex);
    void drop_leftover_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // After it has left something, WskReceiveEvent is not called until the driver calls WskReceive.
    bool is_suspended_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return suspended_; }
    void begin_event_locked() noexcept OWSK_REQUIRES(socket_mutex) { resumed_in_event_ = false; }
    void resume_locked() noexcept OWSK_REQUIRES(socket_mutex);

  private:
    const net::Transfer& note_outcome_locked(const net::Transfer& got,
                                             SIZE_T asked,
                                             Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);

    ConnectionCore& core_;
    std::uint64_t bytes_received_ OWSK_GUARDED_BY(socket_mutex) = 0;
    DataIndication* leftover_ OWSK_GUARDED_BY(socket_mutex) = nullptr;
    ULONG leftover_offset_ OWSK_GUARDED_BY(socket_mutex) = 0;
    ReceiveState state_ OWSK_GUARDED_BY(socket_mutex);
    // What the network has announced and nobody has used up yet.
    bool readable_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool peer_finished_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    bool suspended_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
    // WskReceive was called while WskReceiveEvent was running: what that leaves does not suspend.
    bool resumed_in_event_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
