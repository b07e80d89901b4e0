// SPDX-License-Identifier: MIT
// Life of a connection, and what its user calls.
#include "net/sim/tcp/tcb.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "net/sim/tcp/stack.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

}  // namespace

Tcb::Tcb(TcpStack& stack, const Flow& flow, const TcpOptions& options, std::uint32_t first_sequence)
    : stack_(stack),
      flow_(flow),
      options_(options),
      iss_(first_sequence),
      snd_una_(first_sequence),
      snd_nxt_(first_sequence),
      snd_small_(first_sequence) {
    due_.fill(Instant::max());
}

Tcb::~Tcb() {
    disarm_all();
}

void Tcb::open(int syn_repetitions) {
    OWSK_ASSERT(state_ == TcpState::closed);
    syn_repetitions_ = syn_repetitions;
    enter(TcpState::syn_sent);
    snd_nxt_ = iss_ + 1;
    send_syn();
    arm_retransmission();
}

void Tcb::answer(const TcpSegment& syn, TcpParent& parent) {
    OWSK_ASSERT(state_ == TcpState::closed);
    parent_ = &parent;
    adopt_peer(syn);
    enter(TcpState::syn_received);
    snd_nxt_ = iss_ + 1;
    send_syn();
    arm_retransmission();
}

void Tcb::disown() noexcept {
    parent_ = nullptr;
    abort();
}

void Tcb::enter(TcpState next) noexcept {
    state_ = next;
}

void Tcb::establish() noexcept {
    enter(TcpState::established);
    was_established_ = true;
    retries_ = 0;
    disarm(Deadline::retransmission);
    restart_keep_alive();
    if (TcpParent* const parent = std::exchange(parent_, nullptr)) {
        parent->on_established(shared_from_this());
    }
    if (fin_wanted_) {
        // It was finished while it was still connecting.
        enter(TcpState::fin_wait_1);
    }
    tell({.writable = true});
}

void Tcb::end_in_peace() noexcept {
    enter(TcpState::closed);
    disarm_all();
    if (std::exchange(is_listed_, false)) {
        stack_.remove(*this);
    }
}

void Tcb::die(TcpEnd how) noexcept {
    if (state_ == TcpState::closed) {
        return;
    }
    end_ = how;
    end_in_peace();
    never_acknowledged_ = outgoing_.size();
    outgoing_.clear();
    early_.clear();
    if (TcpParent* const parent = std::exchange(parent_, nullptr)) {
        parent->on_given_up(*this);
    }
    tell({.failed = true});
}

void Tcb::tell(Readiness readiness) noexcept {
    if (user_ != nullptr) {
        user_->on_tcp(readiness);
    }
}

bool Tcb::sends_data_now() const noexcept {
    switch (state_) {
        case TcpState::established:
        case TcpState::close_wait:
        case TcpState::fin_wait_1:
        case TcpState::closing:
        case TcpState::last_ack:
            return true;
        default:
            return false;
    }
}

std::size_t Tcb::read(std::span<const Slice> slices) {
    std::string_view bytes = arrived_.view();
    std::size_t done = 0;
    for (const Slice& slice : slices) {
        const std::size_t count = std::min(slice.length, bytes.size());
        if (count != 0) {
            std::memcpy(slice.base, bytes.data(), count);
        }
        bytes.remove_prefix(count);
        done += count;
    }
    return discard(done);
}

std::size_t Tcb::discard(std::size_t limit) {
    const std::size_t count = std::min(limit, arrived_.size());
    arrived_.pop(count);
    if (count != 0) {
        took_bytes();
    }
    return count;
}

// Tells the peer when the window has grown by enough to be worth a segment, and the header can show
// it.
void Tcb::took_bytes() {
    const bool peer_sends = state_ == TcpState::established || state_ == TcpState::fin_wait_1 ||
                            state_ == TcpState::fin_wait_2;
    const std::uint32_t largest = unscaled_window_max << rcv_scale_;
    if (peer_sends && window_gain() != 0 && rcv_edge_ - rcv_nxt_ < largest) {
        send_ack();
    }
}

std::size_t Tcb::write(std::span<const Slice> slices, bool more) {
    if (state_ == TcpState::closed || fin_wanted_) {
        return 0;
    }
    std::size_t done = 0;
    std::size_t offered = 0;
    for (const Slice& slice : slices) {
        const std::size_t used = outgoing_.size();
        const std::size_t room = options_.send_buffer > used ? options_.send_buffer - used : 0;
        const std::size_t count = std::min(slice.length, room);
        outgoing_.push({static_cast<const char*>(slice.base), count});
        done += count;
        offered += slice.length;
    }
    wants_room_ = done < offered;
    held_back_ = more && !wants_room_;
    transmit();
    return done;
}

void Tcb::push() {
    held_back_ = false;
    disarm(Deadline::push);
    const bool no_delay = std::exchange(options_.no_delay, true);
    transmit();
    options_.no_delay = no_delay;
}

void Tcb::finish() {
    if (state_ == TcpState::closed || std::exchange(fin_wanted_, true)) {
        return;
    }
    held_back_ = false;
    if (state_ == TcpState::established) {
        enter(TcpState::fin_wait_1);
    } else if (state_ == TcpState::close_wait) {
        enter(TcpState::last_ack);
    }
    transmit();
}

void Tcb::abort() {
    arrived_.clear();
    if (state_ == TcpState::closed) {
        return;
    }
    const bool peer_knows = state_ != TcpState::time_wait && state_ != TcpState::closing &&
                            state_ != TcpState::last_ack;
    if (peer_knows || unsent() != 0) {
        send_reset();
    }
    die(TcpEnd::aborted);
}

void Tcb::close() {
    user_ = nullptr;
    if (state_ == TcpState::closed || state_ == TcpState::time_wait) {
        return;
    }
    if (state_ == TcpState::syn_sent) {
        forget();
        return;
    }
    if (unread() != 0) {
        send_reset();
        arrived_.clear();
        die(TcpEnd::aborted);
        return;
    }
    is_orphan_ = true;
    disarm(Deadline::keep_alive);
    finish();
    if (state_ == TcpState::fin_wait_2) {
        arm(Deadline::orphan, stack_.now() + orphan_patience);
    }
}

void Tcb::forget() noexcept {
    user_ = nullptr;
    parent_ = nullptr;
    die(TcpEnd::aborted);
}

void Tcb::silence() noexcept {
    is_silent_ = true;
    disarm_all();
}

void Tcb::set_option(SocketOption option, std::uint32_t value) {
    options_.set(option, value);
    if (is_silent_) {
        return;
    }
    switch (option) {
        case SocketOption::no_delay:
            transmit();
            break;
        case SocketOption::keep_alive:
        case SocketOption::keep_alive_idle:
            restart_keep_alive();
            break;
        case SocketOption::receive_buffer:
            took_bytes();
            break;
        case SocketOption::send_buffer:
        case SocketOption::keep_alive_interval:
        case SocketOption::keep_alive_count:
        case SocketOption::retransmission_limit:
        case SocketOption::fast_open:
            break;
    }
}

// A SYN with a higher sequence number begins a new connection (RFC 1122, 4.2.2.13).
bool Tcb::gives_way_to(const TcpSegment& syn) const noexcept {
    return state_ == TcpState::time_wait && syn.has(Control::syn) && !syn.has(Control::ack) &&
           !syn.has(Control::rst) && static_cast<std::int32_t>(syn.sequence - rcv_nxt_) > 0;
}

void Tcb::expire_time_wait() noexcept {
    if (state_ == TcpState::time_wait) {
        end_in_peace();
    }
}

}  // namespace owsk::net
