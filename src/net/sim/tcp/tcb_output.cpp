// SPDX-License-Identifier: MIT
// What a connection sends, and when.
#include <algorithm>
#include <utility>

#include "net/sim/tcp/sequence.h"
#include "net/sim/tcp/stack.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// How long a short segment waits for the rest that was promised, as on Linux.
constexpr Duration push_patience = 200ms;
constexpr std::uint8_t large_scale = 7;

}  // namespace

std::uint32_t Tcb::usable_window() const noexcept {
    const std::uint32_t edge = snd_una_ + snd_wnd_;
    return after(edge, snd_nxt_) ? edge - snd_nxt_ : 0;
}

std::uint32_t Tcb::unsent() const noexcept {
    const std::uint32_t syn = snd_una_ == iss_ && snd_nxt_ != iss_ ? 1 : 0;
    const std::uint32_t data_in_flight = in_flight() - syn - (fin_sent_ && !fin_acknowledged_);
    return static_cast<std::uint32_t>(outgoing_.size()) - data_in_flight;
}

std::uint32_t Tcb::segment_size() const noexcept {
    const auto path = static_cast<std::uint32_t>(stack_.segment_size(flow_));
    return std::max<std::uint32_t>(std::min(peer_segment_size_, path), 1);
}

// Sends what the window, the peer's buffer and Nagle's rule allow.
void Tcb::transmit() {
    if (!sends_data_now()) {
        return;
    }
    while (!fin_sent_) {
        const std::uint32_t waiting = unsent();
        const std::uint32_t window = usable_window();
        const std::uint32_t length = std::min({waiting, segment_size(), window});
        const bool fin = fin_wanted_ && length == waiting && window > length;
        if (!may_send(length, waiting, fin)) {
            break;
        }
        if (!timed_sequence_.has_value() && !repairing_) {
            timed_sequence_ = snd_nxt_ + length + (fin ? 1 : 0);
            timed_since_ = stack_.now();
        }
        send_data(snd_nxt_, length, fin);
        snd_nxt_ += length + (fin ? 1 : 0);
        if (length < segment_size()) {
            snd_small_ = snd_nxt_;
        }
        fin_sent_ = fin;
    }
    if (in_flight() != 0) {
        disarm(Deadline::probe);
        if (!is_armed(Deadline::retransmission)) {
            arm_retransmission();
        }
    } else if ((unsent() != 0 || (fin_wanted_ && !fin_sent_)) && usable_window() == 0 &&
               !is_armed(Deadline::probe)) {
        arm(Deadline::probe, stack_.now() + round_trip_.timeout(probe_backoff_));
    }
}

bool Tcb::may_send(std::uint32_t length, std::uint32_t waiting, bool fin) {
    if (fin || length == segment_size()) {
        return true;
    }
    if (length == 0) {
        return false;
    }
    if (length < waiting) {
        // Short because of the window: silly, unless it is a good part of the largest one.
        return in_flight() == 0 || 2 * length >= largest_snd_wnd_;
    }
    if (held_back_) {
        if (!is_armed(Deadline::push)) {
            arm(Deadline::push, stack_.now() + push_patience);
        }
        return false;
    }
    // Nagle's rule as Linux has it (Minshall's): one short segment waits for the one before.
    return options_.no_delay || fin_wanted_ || !after(snd_small_, snd_una_);
}

void Tcb::send_data(std::uint32_t sequence, std::uint32_t length, bool fin) {
    const std::uint32_t offset = sequence - snd_una_;
    const std::string_view bytes = outgoing_.view().substr(offset, length);
    Controls controls = Control::ack;
    if (length != 0 && offset + length == outgoing_.size()) {
        controls = controls | Control::psh;
    }
    if (fin) {
        controls = controls | Control::fin;
    }
    send(controls, sequence, std::string(bytes));
}

// Sends segments again that begin at `sequence`, as they are cut now.
void Tcb::retransmit_from(std::uint32_t sequence, int segments) {
    timed_sequence_.reset();
    const std::uint32_t data_end = snd_nxt_ - (fin_sent_ && !fin_acknowledged_ ? 1 : 0);
    for (; segments > 0 && before(sequence, snd_nxt_); --segments) {
        const std::uint32_t left = before(sequence, data_end) ? data_end - sequence : 0;
        // Within the window, which may have shrunk; one byte also when it is closed.
        const std::uint32_t edge = snd_una_ + std::max<std::uint32_t>(snd_wnd_, 1);
        const std::uint32_t room = before(sequence, edge) ? edge - sequence : 0;
        const std::uint32_t length = std::min({left, segment_size(), room});
        const bool fin = fin_sent_ && length == left;
        if (length == 0 && !fin) {
            break;
        }
        send_data(sequence, length, fin);
        sequence += length + (fin ? 1 : 0);
    }
    repaired_to_ = sequence;
}

// It goes out again at once, as it is cut now (RFC 8201, 5.5), unless that has begun already.
void Tcb::on_too_big(std::uint32_t sequence) {
    const bool is_in_flight = !before(sequence, snd_una_) && before(sequence, snd_nxt_);
    const bool is_repaired = repairing_ && before(sequence, recover_);
    if (!sends_data_now() || !is_in_flight || is_repaired) {
        return;
    }
    repairing_ = true;
    repair_step_ = 2;
    duplicates_ = 0;
    recover_ = snd_nxt_;
    retransmit_from(snd_una_, repair_step_);
    arm_retransmission();
}

void Tcb::send_syn() {
    TcpSegment segment = {.source = flow_.local,
                          .destination = flow_.remote,
                          .sequence = iss_,
                          .controls = Control::syn};
    segment.maximum_segment_size = static_cast<std::uint16_t>(
        std::min<std::size_t>(stack_.segment_size(flow_), unscaled_window_max));
    if (state_ == TcpState::syn_received) {
        segment.controls = Control::syn | Control::ack;
        segment.acknowledgment = rcv_nxt_;
    }
    // A peer that offered no scale gets none.
    if (state_ == TcpState::syn_sent || peer_scales_) {
        rcv_scale_ = options_.receive_buffer > unscaled_window_max ? large_scale : 0;
        segment.window_scale = rcv_scale_;
    }
    segment.window = advertise(true);
    timed_sequence_ = retries_ == 0 ? std::optional(iss_ + 1) : std::nullopt;
    timed_since_ = stack_.now();
    stack_.send(std::move(segment));
}

void Tcb::send_ack() {
    send(Control::ack, snd_nxt_);
}

// A segment that the peer must answer, since its sequence number is an old one.
void Tcb::send_probe() {
    send(Control::ack, snd_nxt_ - 1);
}

void Tcb::send_reset() {
    if (state_ == TcpState::syn_sent) {
        stack_.send({.source = flow_.local,
                     .destination = flow_.remote,
                     .sequence = snd_nxt_,
                     .controls = Control::rst});
        return;
    }
    send(Control::rst | Control::ack, snd_nxt_);
}

void Tcb::send(Controls controls, std::uint32_t sequence, std::string payload) {
    ack_due_ = false;
    TcpSegment segment = {.source = flow_.local,
                          .destination = flow_.remote,
                          .sequence = sequence,
                          .acknowledgment = rcv_nxt_,
                          .controls = controls};
    segment.window = advertise(false);
    segment.payload = std::move(payload);
    stack_.send(std::move(segment));
}

// By how much the window could be moved; 0 if that is too little to be worth it (RFC 9293,
// 3.8.6.2.2).
std::uint32_t Tcb::window_gain() const noexcept {
    const auto used = static_cast<std::uint32_t>(arrived_.size());
    const std::uint32_t room = options_.receive_buffer > used ? options_.receive_buffer - used : 0;
    const std::uint32_t edge = rcv_nxt_ + room;
    const std::uint32_t least = std::min(segment_size(), options_.receive_buffer / 2);
    return after(edge, rcv_edge_) && edge - rcv_edge_ >= least ? edge - rcv_edge_ : 0;
}

// The window's edge never moves back, even if the buffer gets smaller.
std::uint16_t Tcb::advertise(bool with_syn) noexcept {
    const std::uint32_t gain = window_gain();
    const std::uint8_t scale = with_syn ? 0 : rcv_scale_;
    std::uint32_t shown = std::min((rcv_edge_ + gain - rcv_nxt_) >> scale, unscaled_window_max);
    if (shown == 0 && gain != 0) {
        // A buffer below the unit of the window would be closed for ever.
        shown = 1;
    }
    const std::uint32_t edge = rcv_nxt_ + (shown << scale);
    if (after(edge, rcv_edge_)) {
        rcv_edge_ = edge;
    }
    return static_cast<std::uint16_t>(shown);
}

}  // namespace owsk::net
