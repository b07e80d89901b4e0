// SPDX-License-Identifier: MIT
// Sends that complete when the peer has acknowledged them. They wait in the order of the stream,
// and each knows where in it its last byte is.
#include <algorithm>
#include <chrono>
#include <utility>

#include "wsk/connection/connection_socket.h"

namespace owsk::wsk {

namespace {

// The network does not announce every acknowledgment (Linux forgets one when the bytes that nobody
// has read fill the connection's memory), so it is asked as often as that while something waits.
constexpr Duration pause_between_questions = std::chrono::milliseconds(200);

}  // namespace

bool ConnectionSocket::waits_for_acknowledgment_locked(
    const TransferParameters& transfer) const noexcept {
    // A send of nothing has nothing to wait for but its turn.
    return provider().sends_wait_for_acknowledgment() &&
           (transfer.length != 0 || !unacknowledged_.empty());
}

void ConnectionSocket::note_on_its_way_locked(Request request) noexcept {
    TransferParameters& transfer = request.transfer();
    transfer.end = bytes_sent_;
    transfer.flags |= TransferParameters::on_its_way;
    ask_later_locked();
}

void ConnectionSocket::ask_later_locked() noexcept {
    if (!later_turn_is_set_) {
        want_turn_at(provider().system().host().clock().now() + pause_between_questions);
    }
}

void ConnectionSocket::expire() noexcept {
    Lock lock(mu_);
    later_turn_is_set_ = false;
    has_news_of_sends_ = true;
    want_turn_locked();
}

std::uint64_t ConnectionSocket::acknowledged_locked() const noexcept {
    return bytes_sent_ - std::min<std::uint64_t>(connection_->unacknowledged(), bytes_sent_);
}

bool ConnectionSocket::notice_acknowledgments_locked() noexcept {
    if (unacknowledged_.empty()) {
        return false;
    }
    if (unacknowledged_.front().operation() == Operation::disconnect) {
        return notice_finish_acknowledged_locked();
    }
    if (!std::exchange(has_news_of_sends_, false)) {
        return false;
    }
    const bool any = complete_acknowledged_locked();
    if (!unacknowledged_.empty()) {
        ask_later_locked();
    }
    return any;
}

bool ConnectionSocket::complete_acknowledged_locked() noexcept {
    const std::uint64_t acknowledged = acknowledged_locked();
    bool any = false;
    while (!unacknowledged_.empty()) {
        const Request request = unacknowledged_.front();
        if (request.operation() != Operation::send || request.transfer().end > acknowledged) {
            break;
        }
        decide_locked(request, STATUS_SUCCESS, request.transfer().length);
        any = true;
    }
    return any;
}

std::uint64_t ConnectionSocket::withdraw_locked(std::uint64_t acknowledged) noexcept {
    std::uint64_t reported = acknowledged;
    std::uint64_t seen = acknowledged;
    const auto withdraw = [&](TransferParameters& transfer, std::uint64_t end, SIZE_T sent) {
        const std::uint64_t start = end - sent;
        if (start > seen) {
            // What is between was a send that its driver has cancelled on its way.
            reported = start;
        }
        seen = std::max(seen, end);
        transfer.flags &= ~TransferParameters::on_its_way;
        transfer.done = acknowledged > start ? std::min<SIZE_T>(acknowledged - start, sent) : 0;
    };
    unacknowledged_.visit_all([&](Request request) {
        if (request.operation() == Operation::send) {
            TransferParameters& transfer = request.transfer();
            withdraw(transfer, transfer.end, transfer.length);
        }
    });
    if (!sends_.empty()) {
        TransferParameters& transfer = sends_.front().transfer();
        withdraw(transfer, bytes_sent_, transfer.done);
    }
    return bytes_sent_ > seen ? bytes_sent_ : reported;
}

}  // namespace owsk::wsk
