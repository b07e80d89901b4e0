// SPDX-License-Identifier: MIT
// How sending ends: by a FIN after all data, or by a reset that waits for what was reported.
#include "wsk/connection/sender.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

NTSTATUS Sender::finish_locked(Request disconnect, const WSK_BUF* buffer) noexcept {
    TransferParameters::of(disconnect) =
        TransferParameters::from(buffer != nullptr ? *buffer : WSK_BUF{}, 0);
    move_to(state_, SendState::finishing);
    core_.turn_of_sender().want_locked();
    return core_.turn_of_sender().pend_locked(sends_, disconnect);
}

void Sender::transmit_finish_locked(Request disconnect) noexcept {
    if (!transmit_locked(disconnect) || core_.has_failed_locked()) {
        return;
    }
    if (!NT_SUCCESS(core_.connection().finish_sending())) {
        core_.note_failure_locked();
    }
    move_to(state_, SendState::fin_sent);
    RequestQueue::remove(disconnect);
    unacknowledged_.push_locked(disconnect);
}

bool Sender::notice_finish_acknowledged_locked() noexcept {
    if (!core_.connection().finish_acknowledged()) {
        return false;
    }
    if (state_ == SendState::fin_sent) {
        move_to(state_, SendState::finished);
    }
    core_.turn_of_sender().decide_all_locked(unacknowledged_.requests_locked(), STATUS_SUCCESS);
    return true;
}

bool Sender::begin_to_linger_locked() noexcept {
    if (linger_ == nullptr && core_.has_started_locked() && state_ != SendState::dead) {
        // Sends that will be cancelled report no more than what has arrived.
        const std::uint64_t acknowledged = unacknowledged_.acknowledged_locked(core_);
        const std::uint64_t withdrawn = unacknowledged_.withdraw_locked(sends_, acknowledged);
        if (unacknowledged_.bytes_sent_locked() > acknowledged &&
            NT_SUCCESS(core_.connection().failure())) {
            linger_ = std::make_unique<Linger>(withdrawn, core_.services().now());
        }
    }
    return linger_ != nullptr;
}

void Sender::linger_locked() noexcept {
    const auto next =
        linger_->look(core_.connection(), core_.services().now(), Linger::usual_patience);
    if (next.has_value()) {
        core_.want_turn_at_locked(*next);
    } else {
        linger_.reset();
        core_.connection().abort();
    }
}

}  // namespace owsk::wsk
