// SPDX-License-Identifier: MIT
// Who is silent for too long, by SynRhythm and by what Linux does with those that were let through.
#include "net/linux/gate/syn/syn_patience.h"

#include <algorithm>

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Linux repeats its first SYN after 1 s, and on loopback none is lost.
constexpr Duration first_gap_here = 1s;
constexpr Duration first_gap_elsewhere = 3s;

// Clients are not probed at once, since most verdicts come sooner, and then ever more rarely: each
// time it takes twice as long.
constexpr Duration probe_after = 500ms;

// How long Linux repeats a SYN-ACK that nobody answers: 1 + 2 + 4 + ... + 32 s, five repetitions.
constexpr Duration handshake_max = 63s + 2s;

// Nearly every client answers a SYN-ACK within that.
constexpr Duration answered_within = 1s;

// Copies of a SYN may arrive after the connection or the refusal, on other ways through the
// network, or through the queue of another CPU.
constexpr Duration remembered = 5s;

}  // namespace

SynRhythm SynPatience::rhythm_of(const Neighbour& neighbour, Instant now) noexcept {
    return SynRhythm(now, neighbour.is_this_machine() ? first_gap_here : first_gap_elsewhere);
}

Duration SynPatience::first_probe() noexcept {
    return probe_after;
}

bool SynPatience::has_ended(const SynRecord& record, Instant now) const noexcept {
    switch (record.state()) {
        case AttemptState::held:
            return now >
                   (record.is_said_to_be_gone ? record.rhythm.late() : record.rhythm.overdue());
        case AttemptState::accepted:
            return !is_paused_ &&
                   now > std::max(record.rhythm.last_syn(), resumed_at_) + handshake_max;
        case AttemptState::rejected:
        case AttemptState::established:
            return now - record.in_line_since > remembered;
        case AttemptState::aborted:
            break;
    }
    return true;
}

bool SynPatience::is_expendable(const SynRecord& record, Instant now) const noexcept {
    return !is_paused_ && now - record.in_line_since >= answered_within;
}

bool SynPatience::take_probe(SynRecord& record, Instant now) const noexcept {
    const bool is_due = record.state() == AttemptState::held && now >= record.probe_due &&
                        record.addressed && !record.is_said_to_be_gone &&
                        !record.resets_prove_nothing;
    if (is_due) {
        record.probe_gap *= 2;
        record.probe_due = now + record.probe_gap;
    }
    return is_due;
}

}  // namespace owsk::net
