// SPDX-License-Identifier: MIT
// What waits for an acknowledgment, and what is reported of it if none comes.
#include "wsk/connection/unacknowledged.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace owsk::wsk {

namespace {

// The network does not announce every acknowledgment (Linux forgets one when the bytes that nobody
// has read fill the connection's memory), so it is asked as often as that while something waits.
constexpr Duration pause_between_questions = std::chrono::milliseconds(200);

}  // namespace

bool Unacknowledged::holds_back_locked(ConnectionCore& core,
                                       const TransferParameters& transfer) const noexcept {
    // A send of nothing has nothing to wait for but its turn.
    return core.services().sends_wait_for_acknowledgment() &&
           (transfer.length != 0 || !requests_.empty());
}

void Unacknowledged::note_on_its_way_locked(ConnectionCore& core, Request send) noexcept {
    TransferParameters& transfer = TransferParameters::of(send);
    transfer.end = bytes_sent_;
    transfer.flags |= TransferParameters::on_its_way;
    ask_later_locked(core);
}

void Unacknowledged::ask_later_locked(ConnectionCore& core) noexcept {
    if (!core.will_want_turn_locked()) {
        core.want_turn_at_locked(core.services().now() + pause_between_questions);
    }
}

std::uint64_t Unacknowledged::acknowledged_locked(ConnectionCore& core) const noexcept {
    if (bytes_sent_ == 0) {
        return 0;
    }
    return bytes_sent_ - std::min<std::uint64_t>(core.connection().unacknowledged(), bytes_sent_);
}

bool Unacknowledged::step_locked(ConnectionCore& core) noexcept {
    if (requests_.empty() || !std::exchange(has_news_, false)) {
        return false;
    }
    const bool any = complete_acknowledged_locked(core);
    if (!requests_.empty()) {
        ask_later_locked(core);
    }
    return any;
}

bool Unacknowledged::complete_acknowledged_locked(ConnectionCore& core) noexcept {
    const std::uint64_t acknowledged = acknowledged_locked(core);
    bool any = false;
    while (!requests_.empty()) {
        const Request request = requests_.front();
        const TransferParameters& transfer = TransferParameters::of(request);
        if (request.operation() == Operation::disconnect || transfer.end > acknowledged) {
            break;
        }
        core.turn_of_sender().decide_locked(
            request, STATUS_SUCCESS, request.owner()->progress_of(request));
        any = true;
    }
    return any;
}

void Unacknowledged::settle_locked(ConnectionCore& core, RequestQueue& unsent) noexcept {
    complete_acknowledged_locked(core);
    if (!requests_.empty()) {
        static_cast<void>(reported_locked(unsent, acknowledged_locked(core)));
    }
}

std::uint64_t Unacknowledged::withdraw_locked(RequestQueue& unsent,
                                              std::uint64_t acknowledged) noexcept {
    const std::uint64_t reported = reported_locked(unsent, acknowledged);
    return std::exchange(bytes_sent_, reported) - reported;
}

// Up to where the stream is acknowledged, or was reported as sent.
std::uint64_t Unacknowledged::reported_locked(RequestQueue& unsent,
                                              std::uint64_t acknowledged) noexcept {
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
    requests_.visit_all([&](Request request) {
        if (request.operation() != Operation::disconnect) {
            TransferParameters& transfer = TransferParameters::of(request);
            withdraw(transfer, transfer.end, transfer.length);
        }
    });
    if (!unsent.empty()) {
        TransferParameters& transfer = TransferParameters::of(unsent.front());
        withdraw(transfer, bytes_sent_, transfer.done);
    }
    return bytes_sent_ > seen ? bytes_sent_ : reported;
}

}  // namespace owsk::wsk
