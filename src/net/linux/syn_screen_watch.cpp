// SPDX-License-Identifier: MIT
// SynScreen's watch over clients that may go away without a word: who is silent for too long, who
// is asked whether it is still there, and where it would expect that question from.
#include <algorithm>
#include <utility>
#include <vector>

#include "net/linux/own_link.h"
#include "net/linux/syn_queue.h"
#include "net/linux/syn_screen.h"
#include "net/linux/syn_service.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// How long Linux repeats a SYN-ACK that nobody answers: 1 + 2 + 4 + ... + 32 s, five repetitions.
constexpr Duration handshake_max = 63s + 2s;

// Copies of a SYN may arrive after the connection, on other ways through the network, or through
// the queue of another CPU.
constexpr Duration remembered = 5s;

}  // namespace

bool SynScreen::is_gone_locked(const SynAttempt& attempt, Instant now) const noexcept {
    if (attempt.state_ == SynAttempt::State::established) {
        return now - attempt.established_at_ > remembered;
    }
    if (!attempt.packet_waits_) {
        return !is_paused_ &&
               now > std::max(attempt.rhythm_.last_syn(), resumed_at_) + handshake_max;
    }
    return now > (attempt.is_said_to_be_gone_ ? attempt.rhythm_.late() : attempt.rhythm_.overdue());
}

void SynScreen::pause() noexcept {
    const Lock lock(mutex_);
    is_paused_ = true;
}

void SynScreen::resume() noexcept {
    const Lock lock(mutex_);
    is_paused_ = false;
    resumed_at_ = clock_.now();
}

bool SynScreen::is_probe_due_locked(const SynAttempt& attempt, Instant now) const noexcept {
    return attempt.state_ == SynAttempt::State::held && now >= attempt.probe_due_ &&
           attempt.addressed_ && !attempt.is_said_to_be_gone_ && !attempt.resets_prove_nothing_;
}

void SynScreen::find_addressed_locked(SynAttempt& attempt, bool tracks_connections) noexcept {
    if (tracks_connections && attempt.neighbour_.interface == loopback_interface()) {
        // What its own host translates is translated before it arrives.
        return;
    }
    if (tracks_connections) {
        // Who sends the SYN again tells.
        by_client_.insert_or_assign(flow_on_link({}, attempt.syn_.source),
                                    attempt.shared_from_this());
    } else if (!attempt.addressed_) {
        // Nobody translates.
        attempt.addressed_ = attempt.syn_.destination;
    }
}

bool SynScreen::look_after(const SynQueue& queue) noexcept {
    const Instant now = clock_.now();
    const bool tracks_connections = service_.tracks_connections();
    bool seeks = false;
    std::vector<std::pair<Segment, Neighbour>> probes;
    std::vector<std::shared_ptr<SynAttempt>> gone;
    bool more = false;
    {
        const Lock lock(mutex_);
        for (const auto& [flow, attempt] : requests_) {
            if (attempt->queue_ != &queue) {
                continue;
            }
            if (is_gone_locked(*attempt, now)) {
                gone.push_back(attempt);
                continue;
            }
            more = true;
            if (attempt->state_ == SynAttempt::State::held) {
                find_addressed_locked(*attempt, tracks_connections);
                seeks = seeks || tracks_connections;
            }
            if (is_probe_due_locked(*attempt, now)) {
                attempt->probe_gap_ *= 2;
                attempt->probe_due_ = now + attempt->probe_gap_;
                probes.push_back({probe_of(attempt->syn_as_sent()), attempt->neighbour_});
            }
        }
        for (const auto& attempt : gone) {
            abort_locked(*attempt);
        }
    }
    if (seeks) {
        service_.watch_arrivals();
    }
    for (const auto& [probe, neighbour] : probes) {
        service_.sender().send(probe, neighbour);
    }
    if (!gone.empty()) {
        announce();
    }
    return more;
}

void SynScreen::on_arrival(const Segment& segment) noexcept {
    Segment as_held = segment;
    {
        const Lock lock(mutex_);
        const auto entry = by_client_.find(flow_on_link({}, segment.source));
        if (entry == by_client_.end()) {
            return;
        }
        SynAttempt& attempt = *entry->second;
        if (segment.control.syn) {
            if (segment.sequence == attempt.syn_.sequence) {
                attempt.addressed_ = segment.destination;
            }
            return;
        }
        if (!attempt.packet_waits_ || attempt.addressed_ != segment.destination) {
            return;
        }
        as_held.destination = attempt.syn_.destination;
    }
    on_reset(as_held);
}

}  // namespace owsk::net
