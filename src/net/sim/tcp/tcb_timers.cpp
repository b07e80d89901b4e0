// SPDX-License-Identifier: MIT
// What a connection does when nothing comes. One event stands for all its deadlines. It is not
// moved when a deadline goes away or moves on, only looked at when it happens: most deadlines never
// come.
#include <algorithm>

#include "net/sim/tcp/stack.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// As on Linux: tcp_synack_retries, tcp_retries2.
constexpr int answer_retries = 5;
constexpr int data_retries = 15;

}  // namespace

bool Tcb::is_armed(Deadline deadline) const noexcept {
    return due_[static_cast<std::size_t>(deadline)] != Instant::max();
}

void Tcb::arm(Deadline deadline, Instant due) noexcept {
    due_[static_cast<std::size_t>(deadline)] = due;
    if (due < timer_due_) {
        timer_due_ = due;
        stack_.events().set_timer(*this, due);
    }
}

void Tcb::disarm(Deadline deadline) noexcept {
    due_[static_cast<std::size_t>(deadline)] = Instant::max();
}

void Tcb::disarm_all() noexcept {
    due_.fill(Instant::max());
    if (timer_due_ != Instant::max()) {
        timer_due_ = Instant::max();
        stack_.events().cancel_timer(*this);
    }
}

void Tcb::arm_retransmission() noexcept {
    const Instant due = stack_.now() + round_trip_.timeout(retries_);
    const bool is_stalled = retries_ != 0 && limits_retransmission();
    arm(Deadline::retransmission, is_stalled ? std::min(due, last_retransmission()) : due);
}

// The handshake has limits of its own.
bool Tcb::limits_retransmission() const noexcept {
    return options_.retransmission_limit != 0 && state_ != TcpState::syn_sent &&
           state_ != TcpState::syn_received;
}

Instant Tcb::last_retransmission() const noexcept {
    return options_.retransmission_limit == no_retransmission_limit
               ? Instant::max()
               : stalled_since_ + std::chrono::seconds(options_.retransmission_limit);
}

void Tcb::expire() noexcept {
    const std::shared_ptr<Tcb> keep = shared_from_this();
    timer_due_ = Instant::max();
    const Instant now = stack_.now();
    for (std::size_t i = 0; i < deadlines; ++i) {
        if (due_[i] <= now) {
            due_[i] = Instant::max();
            on_deadline(static_cast<Deadline>(i));
        }
    }
    const Instant next = *std::min_element(due_.begin(), due_.end());
    if (next < timer_due_) {
        timer_due_ = next;
        stack_.events().set_timer(*this, next);
    }
}

void Tcb::on_deadline(Deadline deadline) {
    switch (deadline) {
        case Deadline::retransmission:
            on_retransmission_due();
            break;
        case Deadline::probe:
            on_probe_due();
            break;
        case Deadline::keep_alive:
            on_keep_alive_due();
            break;
        case Deadline::push:
            held_back_ = false;
            transmit();
            break;
        case Deadline::orphan:
            end_in_peace();
            break;
    }
}

void Tcb::on_retransmission_due() {
    const int limit = state_ == TcpState::syn_sent       ? syn_repetitions_
                      : state_ == TcpState::syn_received ? answer_retries
                                                         : data_retries;
    if (retries_ == 0) {
        stalled_since_ = stack_.now() - round_trip_.timeout(0);
    }
    if (limits_retransmission() ? stack_.now() >= last_retransmission() : retries_ == limit) {
        die(TcpEnd::timed_out);
        return;
    }
    ++retries_;
    if (state_ == TcpState::syn_sent || state_ == TcpState::syn_received) {
        send_syn();
    } else {
        // Everything may be lost; what that means is found out as acknowledgments come.
        repairing_ = true;
        repair_step_ = 2;
        duplicates_ = 0;
        recover_ = snd_nxt_;
        retransmit_from(snd_una_, 1);
    }
    arm_retransmission();
}

void Tcb::on_probe_due() {
    if (probes_ == data_retries) {
        die(TcpEnd::timed_out);
        return;
    }
    ++probes_;
    ++probe_backoff_;
    send_probe();
    arm(Deadline::probe, stack_.now() + round_trip_.timeout(probe_backoff_));
}

void Tcb::restart_keep_alive() noexcept {
    const bool is_idle = was_established_ && options_.keep_alive && !is_orphan_ &&
                         state_ != TcpState::closed && state_ != TcpState::time_wait;
    if (is_idle) {
        unanswered_ = 0;
        arm(Deadline::keep_alive, stack_.now() + std::chrono::seconds(options_.keep_alive_idle));
    } else {
        disarm(Deadline::keep_alive);
    }
}

void Tcb::on_keep_alive_due() {
    if (unanswered_ >= options_.keep_alive_count) {
        send_reset();
        die(TcpEnd::timed_out);
        return;
    }
    if (in_flight() == 0) {
        // Otherwise the retransmissions find out.
        ++unanswered_;
        send_probe();
    }
    arm(Deadline::keep_alive, stack_.now() + std::chrono::seconds(options_.keep_alive_interval));
}

}  // namespace owsk::net
