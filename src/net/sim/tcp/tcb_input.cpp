// SPDX-License-Identifier: MIT
// Arriving segments, in the order of RFC 9293, 3.10.7, with the checks of RFC 5961.
#include <algorithm>
#include <utility>

#include "net/sim/tcp/sequence.h"
#include "net/sim/tcp/stack.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t largest_scale = 14;  // RFC 7323
constexpr int duplicates_of_loss = 3;

}  // namespace

void Tcb::receive(TcpSegment& segment) noexcept {
    if (state_ == TcpState::closed || is_silent_) {
        return;
    }
    if (state_ == TcpState::syn_sent) {
        on_syn_sent(segment);
    } else {
        on_synchronized(segment);
    }
    if (state_ != TcpState::closed) {
        transmit();
        if (ack_due_) {
            send_ack();
        }
    }
}

void Tcb::on_syn_sent(TcpSegment& segment) {
    const bool has_ack = segment.has(Control::ack);
    if (has_ack && segment.acknowledgment != snd_nxt_) {
        if (!segment.has(Control::rst)) {
            stack_.refuse(segment);
        }
        return;
    }
    if (segment.has(Control::rst)) {
        if (has_ack) {
            die(TcpEnd::refused);
        }
        return;
    }
    if (!segment.has(Control::syn)) {
        return;
    }
    adopt_peer(segment);
    if (!has_ack) {
        // Simultaneous open: both have sent SYN.
        enter(TcpState::syn_received);
        retries_ = 0;
        send_syn();
        arm_retransmission();
        return;
    }
    ack_due_ = true;
    advance(segment.acknowledgment);
    establish();
    take_data(segment);
}

void Tcb::adopt_peer(const TcpSegment& syn) {
    const std::uint32_t advertised = rcv_edge_ - rcv_nxt_;
    irs_ = syn.sequence;
    rcv_nxt_ = irs_ + 1;
    rcv_edge_ = rcv_nxt_ + advertised;
    peer_scales_ = syn.window_scale.has_value();
    snd_scale_ = std::min(syn.window_scale.value_or(0), largest_scale);
    if (!peer_scales_) {
        rcv_scale_ = 0;
    }
    peer_segment_size_ = std::max<std::uint32_t>(
        syn.maximum_segment_size.value_or(flow_.local.family == Family::ipv4 ? 536 : 1220), 1);
    snd_wnd_ = syn.window;  // never scaled in a SYN
    largest_snd_wnd_ = snd_wnd_;
    snd_wl1_ = syn.sequence;
    snd_wl2_ = syn.acknowledgment;
}

// 3.10.7.4, first: is any of it in the window?
bool Tcb::is_acceptable(const TcpSegment& segment) const noexcept {
    const std::uint32_t window = rcv_edge_ - rcv_nxt_;
    const auto in_window = [&](std::uint32_t sequence) { return sequence - rcv_nxt_ < window; };
    const std::uint32_t length = segment.length();
    if (window == 0) {
        // Data cannot be taken, but its acknowledgment can.
        return segment.sequence == rcv_nxt_;
    }
    return in_window(segment.sequence) ||
           (length != 0 && in_window(segment.sequence + length - 1)) ||
           (length != 0 && before(segment.sequence, rcv_nxt_) &&
            after(segment.sequence + length, rcv_nxt_));
}

void Tcb::on_synchronized(TcpSegment& segment) {
    if (state_ == TcpState::syn_received && segment.has(Control::syn) && segment.sequence == irs_ &&
        !segment.has(Control::rst)) {
        if (segment.has(Control::ack)) {
            // Simultaneous open: the other's SYN, again, with the acknowledgment of ours.
            segment.sequence += 1;
            segment.controls =
                Controls::from_bits(segment.controls.bits() &
                                    static_cast<std::uint8_t>(~Controls(Control::syn).bits()));
            ack_due_ = true;
        } else {
            send_syn();
            return;
        }
    }
    if (!is_acceptable(segment)) {
        ack_due_ = !segment.has(Control::rst);
        if (state_ == TcpState::time_wait && segment.has(Control::fin)) {
            stack_.start_time_wait(*this);
        }
        return;
    }
    if (segment.has(Control::rst)) {
        on_reset(segment);
        return;
    }
    if (segment.has(Control::syn)) {
        // Challenged rather than believed: whoever has really begun anew answers with RST.
        ack_due_ = true;
        return;
    }
    if (!segment.has(Control::ack)) {
        return;
    }
    if (state_ == TcpState::syn_received && !take_handshake_end(segment)) {
        return;
    }
    if (!take_acknowledgment(segment) || state_ == TcpState::closed) {
        return;
    }
    take_data(segment);
}

void Tcb::on_reset(const TcpSegment& segment) {
    if (segment.sequence != rcv_nxt_) {
        ack_due_ = true;
        return;
    }
    switch (state_) {
        case TcpState::syn_received:
            // The other end of a simultaneous open refuses; an attempt just goes away.
            die(TcpEnd::refused);
            break;
        case TcpState::time_wait:
            end_in_peace();
            break;
        default:
            die(TcpEnd::reset);
            break;
    }
}

// Whether the segment was good enough to go on with.
bool Tcb::take_handshake_end(const TcpSegment& segment) {
    if (segment.acknowledgment != snd_nxt_) {
        stack_.refuse(segment);
        return false;
    }
    if (parent_ != nullptr && !parent_->has_room()) {
        return false;
    }
    advance(segment.acknowledgment);
    snd_wnd_ = std::uint32_t{segment.window} << snd_scale_;
    snd_wl1_ = segment.sequence;
    snd_wl2_ = segment.acknowledgment;
    largest_snd_wnd_ = std::max(largest_snd_wnd_, snd_wnd_);
    establish();
    return true;
}

// False if the segment acknowledges what was never sent, or is far too old.
bool Tcb::take_acknowledgment(const TcpSegment& segment) {
    const std::uint32_t acknowledged = segment.acknowledgment;
    if (after(acknowledged, snd_nxt_) || before(acknowledged, snd_una_ - largest_snd_wnd_)) {
        ack_due_ = true;
        return false;
    }
    restart_keep_alive();
    if (!is_orphan_) {
        probes_ = 0;
    }
    if (after(acknowledged, snd_una_)) {
        take_window(segment);
        advance(acknowledged);
        return true;
    }
    if (acknowledged == snd_una_) {
        count_duplicate(segment);
        take_window(segment);
    }
    return true;
}

void Tcb::take_window(const TcpSegment& segment) {
    const bool is_newer =
        before(snd_wl1_, segment.sequence) ||
        (snd_wl1_ == segment.sequence && !after(snd_wl2_, segment.acknowledgment));
    if (!is_newer) {
        return;
    }
    snd_wnd_ = std::uint32_t{segment.window} << snd_scale_;
    largest_snd_wnd_ = std::max(largest_snd_wnd_, snd_wnd_);
    snd_wl1_ = segment.sequence;
    snd_wl2_ = segment.acknowledgment;
    if (snd_wnd_ != 0) {
        disarm(Deadline::probe);
        probe_backoff_ = 0;
    }
}

// What was in flight up to here has arrived.
void Tcb::advance(std::uint32_t acknowledged) {
    if (timed_sequence_.has_value() && !before(acknowledged, *timed_sequence_)) {
        round_trip_.sample(stack_.now() - timed_since_);
        timed_sequence_.reset();
    }
    const bool syn = snd_una_ == iss_;
    const bool fin = fin_sent_ && acknowledged == snd_nxt_;
    const std::uint32_t bytes = acknowledged - snd_una_ - (syn ? 1 : 0) - (fin ? 1 : 0);
    outgoing_.pop(bytes);
    snd_una_ = acknowledged;
    retries_ = 0;
    duplicates_ = 0;
    if (in_flight() == 0) {
        disarm(Deadline::retransmission);
    } else {
        arm_retransmission();
    }
    if (repairing_) {
        repairing_ = before(snd_una_, recover_);
        if (repairing_) {
            retransmit_from(
                after(repaired_to_, snd_una_) && repair_step_ > 1 ? repaired_to_ : snd_una_,
                repair_step_);
        }
    }
    const bool has_room =
        wants_room_ && outgoing_.size() * 3 <= std::size_t{options_.send_buffer} * 2;
    if (has_room) {
        wants_room_ = false;
    }
    if (has_room || (tells_acknowledgments_ && bytes != 0)) {
        tell({.writable = true});
    }
    if (fin && !fin_acknowledged_) {
        on_fin_acknowledged();
    }
}

// The third acknowledgment of the same means that the next segment was lost (RFC 5681).
void Tcb::count_duplicate(const TcpSegment& segment) {
    const std::uint32_t window = std::uint32_t{segment.window} << snd_scale_;
    if (in_flight() == 0 || segment.length() != 0 || window != snd_wnd_) {
        return;
    }
    ++duplicates_;
    if (duplicates_ == duplicates_of_loss && !repairing_) {
        repairing_ = true;
        repair_step_ = 1;
        recover_ = snd_nxt_;
        retransmit_from(snd_una_, 1);
        arm_retransmission();
    }
}

void Tcb::on_fin_acknowledged() {
    fin_acknowledged_ = true;
    switch (state_) {
        case TcpState::fin_wait_1:
            enter(TcpState::fin_wait_2);
            if (is_orphan_) {
                arm(Deadline::orphan, stack_.now() + orphan_patience);
            }
            break;
        case TcpState::closing:
            enter(TcpState::time_wait);
            stack_.start_time_wait(*this);
            break;
        case TcpState::last_ack:
            end_in_peace();
            break;
        default:
            break;
    }
    tell({.writable = true});
}

void Tcb::take_data(TcpSegment& segment) {
    const bool has_syn = segment.has(Control::syn);
    const std::uint32_t first = segment.sequence + (has_syn ? 1 : 0);
    const auto size = static_cast<std::uint32_t>(segment.payload.size());
    if (size == 0 && !segment.has(Control::fin)) {
        return;
    }
    ack_due_ = true;
    if (is_orphan_ && after(first + size, rcv_nxt_)) {
        // Nobody will ever read it.
        stack_.refuse(segment);
        die(TcpEnd::aborted);
        return;
    }
    if (fin_received_) {
        if (segment.has(Control::fin) && state_ == TcpState::time_wait) {
            stack_.start_time_wait(*this);
        }
        return;
    }
    const std::uint32_t window = rcv_edge_ - rcv_nxt_;
    const std::uint32_t known = before(first, rcv_nxt_) ? rcv_nxt_ - first : 0;
    const std::uint32_t distance = before(first, rcv_nxt_) ? 0 : first - rcv_nxt_;
    const std::uint32_t room = distance < window ? window - distance : 0;
    const std::uint32_t fresh = size > known ? size - known : 0;
    const std::uint32_t taken = std::min(fresh, room);
    if (segment.has(Control::fin) && taken == fresh) {
        fin_at_ = first + size;
    }
    const std::uint32_t before_this = rcv_nxt_;
    if (taken != 0 && distance == 0) {
        arrived_.push(std::string_view(segment.payload).substr(known, taken));
        rcv_nxt_ += taken;
        early_.advance(taken);
        if (!early_.empty()) {
            rcv_nxt_ += early_.take(arrived_);
        }
    } else if (taken != 0) {
        early_.keep(distance, segment.payload.substr(known, taken));
    }
    if (fin_at_ == rcv_nxt_) {
        take_fin();
    } else if (rcv_nxt_ != before_this) {
        tell({.readable = true});
    }
}

void Tcb::take_fin() {
    fin_received_ = true;
    rcv_nxt_ += 1;
    if (after(rcv_nxt_, rcv_edge_)) {
        rcv_edge_ = rcv_nxt_;
    }
    switch (state_) {
        case TcpState::established:
            enter(TcpState::close_wait);
            break;
        case TcpState::fin_wait_1:
            enter(TcpState::closing);
            break;
        case TcpState::fin_wait_2:
            enter(TcpState::time_wait);
            stack_.start_time_wait(*this);
            break;
        default:
            break;
    }
    tell({.readable = true, .peer_finished = true});
}

}  // namespace owsk::net
