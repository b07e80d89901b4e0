// SPDX-License-Identifier: MIT
// Attempts from the SYN to the connection.
#include "net/sim/sim_gate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "net/gate_bounds.h"
#include "net/sim/sim_connection.h"
#include "net/sim/tcp/stack.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Longer than a client repeats its SYN.
constexpr Duration resolved_memory = 130s;
constexpr std::size_t resolved_limit = 65536;

}  // namespace

SimGate::SimGate(std::unique_ptr<TcpListener> listener,
                 const GateLimits& limits,
                 GateReport report,
                 GateCounters& counters,
                 SynLoop* loop)
    : held_limit_(bound_of(limits.held_attempts, held_at_the_syn)),
      untaken_limit_(bound_of(limits.untaken_connections, untaken_connections)),
      report_(std::move(report)),
      local_(listener->local_address()),
      listener_(std::move(listener)),
      counters_(counters),
      loop_(loop) {
    listener_->set_holder(this);
}

SimGate::~SimGate() {
    refuse_all();
}

host::EventQueue& SimGate::events_queue() const noexcept {
    return listener_->stack().events();
}

NTSTATUS SimGate::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    if (!announcements_.empty()) {
        processor_->post(delivery_);
    }
    return STATUS_SUCCESS;
}

void SimGate::allow_port_sharing(bool allow) noexcept {
    if (listener_ != nullptr) {
        listener_->share_port(allow);
    }
}

Result<std::uint32_t> SimGate::get_option(SocketOption option) noexcept {
    if (listener_ == nullptr) {
        return STATUS_INVALID_HANDLE;
    }
    return listener_->options().get(option);
}

NTSTATUS SimGate::set_option(SocketOption option, std::uint32_t value) noexcept {
    if (listener_ == nullptr) {
        return STATUS_INVALID_HANDLE;
    }
    listener_->options().set(option, value);
    return STATUS_SUCCESS;
}

SimAttempt* SimGate::find(const Flow& flow) const noexcept {
    const auto known = by_flow_.find(flow);
    return known == by_flow_.end() ? nullptr : known->second;
}

void SimGate::on_syn(const TcpSegment& syn) noexcept {
    const Flow flow(syn.destination, syn.source);
    if (SimAttempt* const known = find(flow)) {
        if (known->syn_.sequence == syn.sequence) {
            ++counters_.retransmissions;
            known->rhythm_.repeat(events_queue().now());
            watch(*known);
            return;
        }
        // The same client begins anew.
        give_up(*known);
    } else if (was_resolved(flow, syn.sequence)) {
        ++counters_.retransmissions;
        listener_->stack().refuse(syn);
        return;
    }
    const bool has_room = shares_.has_room_for(syn.source, held_limit_) &&
                          attempts_.size() < std::max(held_limit_, held_at_the_syn) &&
                          backlog_.size() < default_backlog;
    if (!has_room) {
        ++counters_.dropped;
        return;
    }
    hold(syn);
}

void SimGate::hold(const TcpSegment& syn) {
    auto attempt = std::make_shared<SimAttempt>(*this,
                                                syn,
                                                listener_->shown(syn.destination),
                                                listener_->shown(syn.source),
                                                events_queue().now());
    attempt->place_ = attempts_.size();
    by_flow_.emplace(attempt->flow_, attempt.get());
    attempts_.push_back(attempt);
    shares_.add(syn.source);
    watch(*attempt);
    announce_later(News::attempt, std::move(attempt));
}

void SimGate::watch(SimAttempt& attempt) {
    events_queue().set_timer(attempt.overdue_, attempt.rhythm_.overdue());
}

void SimGate::on_reset(const TcpSegment& reset) noexcept {
    SimAttempt* const attempt = find(Flow(reset.destination, reset.source));
    // Its own sequence number or the next one, depending on who counts the SYN.
    if (attempt != nullptr && reset.sequence - attempt->syn_.sequence <= 1) {
        give_up(*attempt);
    }
}

void SimGate::carry_out_accept(SimAttempt& attempt) {
    shares_.remove(attempt.syn_.source);
    TcpStack& stack = listener_->stack();
    if (stack.has(attempt.flow_)) {
        // The computer itself has connected to the client meanwhile, with the same ports.
        give_up(attempt);
        return;
    }
    events_queue().cancel_timer(attempt.overdue_);
    attempt.tcb_ = stack.make_incoming(attempt.syn_, listener_->options());
    attempt.tcb_->answer(attempt.syn_, *this);
}

void SimGate::carry_out_reject(SimAttempt& attempt) {
    const std::shared_ptr<SimAttempt> keep = forget(attempt);
    shares_.remove(attempt.syn_.source);
    remember(attempt);
    listener_->stack().refuse(attempt.syn_);
}

void SimGate::give_up(SimAttempt& attempt) {
    std::shared_ptr<SimAttempt> gone = forget(attempt);
    if (gone->life_.is_held()) {
        shares_.remove(gone->syn_.source);
    }
    const bool ends = gone->life_.abort();
    OWSK_ASSERT(ends);
    gone->tcb_.reset();
    remember(*gone);
    announce_later(News::aborted, std::move(gone));
}

void SimGate::on_established(const std::shared_ptr<Tcb>& tcb) noexcept {
    std::shared_ptr<SimAttempt> attempt = forget(*find(tcb->flow()));
    attempt->tcb_.reset();
    auto connection =
        std::make_unique<SimConnection>(tcb, attempt->local_address(), attempt->remote_address());
    if (untaken_ < untaken_limit_) {
        ++untaken_;
        announce_later(News::established, std::move(attempt), std::move(connection));
    } else {
        backlog_.push_back({News::established, std::move(attempt), std::move(connection)});
    }
}

void SimGate::connection_taken() noexcept {
    --untaken_;
    if (!backlog_.empty() && untaken_ < untaken_limit_) {
        ++untaken_;
        Announcement next = std::move(backlog_.front());
        backlog_.pop_front();
        announce_later(next.news, std::move(next.attempt), std::move(next.connection));
    }
}

void SimGate::on_given_up(Tcb& tcb) noexcept {
    give_up(*find(tcb.flow()));
}

bool SimGate::was_resolved(const Flow& flow, std::uint32_t sequence) {
    while (!resolved_.empty() &&
           (resolved_.front().until <= events_queue().now() || resolved_.size() > resolved_limit)) {
        const Resolved& oldest = resolved_.front();
        const auto known = resolved_by_flow_.find(oldest.flow);
        if (known != resolved_by_flow_.end() && known->second == oldest.sequence) {
            resolved_by_flow_.erase(known);
        }
        resolved_.pop_front();
    }
    const auto known = resolved_by_flow_.find(flow);
    return known != resolved_by_flow_.end() && known->second == sequence;
}

void SimGate::remember(const SimAttempt& attempt) {
    const std::uint32_t sequence = attempt.syn_.sequence;
    resolved_by_flow_[attempt.flow_] = sequence;
    resolved_.push_back({events_queue().now() + resolved_memory, attempt.flow_, sequence});
}

std::shared_ptr<SimAttempt> SimGate::forget(SimAttempt& attempt) {
    events_queue().cancel_timer(attempt.overdue_);
    by_flow_.erase(attempt.flow_);
    std::swap(attempts_[attempt.place_], attempts_.back());
    attempts_[attempt.place_]->place_ = attempt.place_;
    std::shared_ptr<SimAttempt> forgotten = std::move(attempts_.back());
    attempts_.pop_back();
    return forgotten;
}

void SimGate::announce_later(News news,
                             std::shared_ptr<SimAttempt> attempt,
                             std::unique_ptr<Connection> connection) {
    announcements_.push_back({news, std::move(attempt), std::move(connection)});
    if (processor_ == nullptr || closed_ != nullptr) {
        return;
    }
    // What becomes a connection comes to the processor by itself.
    if (loop_ != nullptr && news != News::established) {
        loop_->post(hand_on_);
    } else {
        processor_->post(delivery_);
    }
}

void SimGate::hand_on() noexcept {
    loop_->deliver(*processor_, delivery_);
}

void SimGate::announce() noexcept {
    // A callback may close the gate.
    while (!announcements_.empty() && closed_ == nullptr) {
        Announcement next = std::move(announcements_.front());
        announcements_.pop_front();
        announce(next);
    }
}

void SimGate::announce(Announcement& announcement) noexcept {
    SimAttempt& attempt = *announcement.attempt;
    switch (announcement.news) {
        case News::attempt:
            attempt.was_shown_ = true;
            events_->on_attempt(std::move(announcement.attempt));
            break;
        case News::established:
            establish(attempt, std::move(announcement.connection));
            break;
        case News::aborted:
            if (attempt.life_.announce_abort()) {
                events_->on_aborted(attempt);
            }
            break;
    }
}

void SimGate::establish(SimAttempt& attempt, std::unique_ptr<Connection> connection) noexcept {
    const bool is_accepted = attempt.life_.establish();
    OWSK_ASSERT(is_accepted);
    events_->on_established(attempt, std::move(connection));
}

void SimGate::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    processor_->post(end_);
}

// Answers everybody by RST; announcements_ has all attempts that nobody has heard the end of.
void SimGate::refuse_all() {
    while (!attempts_.empty()) {
        SimAttempt& attempt = *attempts_.front();
        if (attempt.tcb_ != nullptr) {
            attempt.tcb_->disown();
        } else {
            listener_->stack().refuse(attempt.syn_);
        }
        give_up(attempt);
    }
}

void SimGate::end() noexcept {
    refuse_all();
    std::move(backlog_.begin(), backlog_.end(), std::back_inserter(announcements_));
    backlog_.clear();
    // Before the callbacks, during which time may pass and clients come.
    listener_.reset();
    while (!announcements_.empty()) {
        const Announcement next = std::move(announcements_.front());
        announcements_.pop_front();
        // Connections that nobody has heard of are reset with this.
        if (next.news == News::established) {
            const bool ends = next.attempt->life_.abort();
            OWSK_ASSERT(ends);
        }
        if (next.news != News::attempt && next.attempt->was_shown_ &&
            next.attempt->life_.announce_abort()) {
            events_->on_aborted(*next.attempt);
        }
    }
    if (loop_ != nullptr) {
        // It may be in the middle of an attempt.
        loop_->post(past_loop_);
    } else {
        closed_->run();
    }
}

}  // namespace owsk::net
