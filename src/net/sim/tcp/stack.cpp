// SPDX-License-Identifier: MIT
// Finding the connection or the listener of a segment; ports.
#include "net/sim/tcp/stack.h"

#include <algorithm>
#include <utility>

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Twice the longest life of a segment, as Linux has it.
constexpr Duration time_wait = 60s;
// From then on a new connection may use the ends of one in TIME-WAIT (tcp_tw_reuse of Linux).
constexpr Duration reuse_after = 1s;
// The ports that sockets get by themselves, as on Linux.
constexpr std::uint32_t first_port = 32768;
constexpr std::uint32_t port_count = 28232;

}  // namespace

TcpStack::~TcpStack() {
    events().cancel_timer(*this);
}

std::shared_ptr<Tcb> TcpStack::make(const Flow& flow,
                                    const TcpOptions& options,
                                    std::uint32_t sequence) {
    auto tcb = std::make_shared<Tcb>(*this, flow, options, sequence);
    flows_.emplace(flow, tcb);
    return tcb;
}

std::uint32_t TcpStack::first_sequence() noexcept {
    return static_cast<std::uint32_t>(random_.next());
}

Result<std::shared_ptr<Tcb>> TcpStack::make_outgoing(const Address& to,
                                                     const std::optional<Address>& from,
                                                     const TcpOptions& options) {
    Address local = from.value_or(Address{.family = to.family});
    if (local.family != to.family) {
        return STATUS_INVALID_PARAMETER;
    }
    if (local.is_wildcard()) {
        const Address* const source = computer_.source_for(to);
        if (source == nullptr) {
            return STATUS_NETWORK_UNREACHABLE;
        }
        local.ip = source->ip;
    } else if (!computer_.has_address(local)) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    if (local.port == 0) {
        const std::optional<std::uint16_t> port = free_port(local, to);
        if (!port.has_value()) {
            return STATUS_INVALID_ADDRESS_COMPONENT;
        }
        local.port = *port;
    }
    const Flow flow(local, to);
    std::uint32_t sequence = first_sequence();
    const auto known = flows_.find(flow);
    if (known != flows_.end()) {
        if (!is_free_for_connect(flow)) {
            return STATUS_ADDRESS_ALREADY_EXISTS;
        }
        // Beyond what the old connection has used (RFC 6191).
        sequence = known->second->next_sequence() + 65536 + (sequence & 0xFFFF);
        const std::shared_ptr<Tcb> old = known->second;
        old->expire_time_wait();
    }
    return make(flow, options, sequence);
}

std::shared_ptr<Tcb> TcpStack::find(const Address& local, const Address& remote) const noexcept {
    const auto known = flows_.find(Flow(local, remote));
    return known == flows_.end() ? nullptr : known->second;
}

std::shared_ptr<Tcb> TcpStack::make_incoming(const TcpSegment& syn, const TcpOptions& options) {
    return make(Flow(syn.destination, syn.source), options, first_sequence());
}

bool TcpStack::is_free_for_connect(const Flow& flow) {
    const auto known = flows_.find(flow);
    return known == flows_.end() || (known->second->state() == TcpState::time_wait &&
                                     now() - known->second->waiting_since() > reuse_after);
}

bool TcpStack::is_listening(std::uint16_t port) const noexcept {
    return std::any_of(listeners_.begin(), listeners_.end(), [&](const TcpListener* listener) {
        return listener->local_address().port == port;
    });
}

std::optional<std::uint16_t> TcpStack::free_port(const Address& from, const Address& to) {
    const auto start = static_cast<std::uint32_t>(random_.below(port_count));
    Address local = from;
    for (std::uint32_t i = 0; i < port_count; ++i) {
        local.port = static_cast<std::uint16_t>(first_port + (start + i) % port_count);
        if (!is_taken(local.port) && is_free_for_connect(Flow(local, to))) {
            return local.port;
        }
    }
    return std::nullopt;
}

Result<Address> TcpStack::choose_port(const Address& address, const ListenOptions& options) {
    if (address.family == Family::ipv6 && options.v6_only && v4_unmapped(address) != address) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!address.is_wildcard() && !computer_.has_address(v4_unmapped(address))) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    Address local = address;
    if (local.port == 0) {
        const auto start = static_cast<std::uint32_t>(random_.below(port_count));
        for (std::uint32_t i = 0; i < port_count; ++i) {
            const auto port = static_cast<std::uint16_t>(first_port + (start + i) % port_count);
            if (!is_taken(port)) {
                local.port = port;
                return local;
            }
        }
        return STATUS_ADDRESS_ALREADY_EXISTS;
    }
    const Claim claim(local, options.v6_only);
    for (const TcpListener* listener : listeners_) {
        const bool agreed = options.share_port && listener->shares_port();
        if (listener->claim().meets(claim) && !agreed) {
            return STATUS_ADDRESS_ALREADY_EXISTS;
        }
    }
    for (const Held& held : held_) {
        const bool agreed = options.share_port && held.options.share_port;
        if (Claim(held.address, held.options.v6_only).meets(claim) && !agreed) {
            return STATUS_ADDRESS_ALREADY_EXISTS;
        }
    }
    return local;
}

bool TcpStack::is_taken(std::uint16_t port) const noexcept {
    return is_listening(port) || std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
               return held.address.port == port;
           });
}

void TcpStack::share_port(const Address& address, bool share) noexcept {
    for (Held& held : held_) {
        held.options.share_port = held.address == address ? share : held.options.share_port;
    }
}

void TcpStack::release_port(const Address& address) noexcept {
    const auto held = std::find_if(
        held_.begin(), held_.end(), [&](const Held& each) { return each.address == address; });
    OWSK_ASSERT(held != held_.end());
    held_.erase(held);
}

// Those that share the same address take turns by the ends of the connection.
TcpListener* TcpStack::find_listener(const Flow& flow) const noexcept {
    Fit best = Fit::none;
    std::size_t equals = 0;
    for (const TcpListener* listener : listeners_) {
        const Fit fit = listener->claim().fit(flow.local);
        if (fit > best) {
            best = fit;
            equals = 0;
        }
        equals += fit != Fit::none && fit == best ? 1 : 0;
    }
    if (equals == 0) {
        return nullptr;
    }
    std::size_t chosen = equals == 1 ? 0 : FlowHash()(flow) % equals;
    for (TcpListener* listener : listeners_) {
        if (listener->claim().fit(flow.local) == best && chosen-- == 0) {
            return listener;
        }
    }
    return nullptr;
}

void TcpStack::receive(TcpSegment& segment) noexcept {
    const Flow flow(segment.destination, segment.source);
    const auto known = flows_.find(flow);
    if (known != flows_.end()) {
        // It may end itself.
        const std::shared_ptr<Tcb> tcb = known->second;
        if (!tcb->gives_way_to(segment) || find_listener(flow) == nullptr) {
            tcb->receive(segment);
            return;
        }
        tcb->expire_time_wait();
    }
    TcpListener* const listener = find_listener(flow);
    if (listener != nullptr && !segment.has(Control::ack)) {
        listener->receive(segment);
    } else if (listener != nullptr && segment.has(Control::rst)) {
        listener->receive(segment);
    } else {
        refuse(segment);
    }
}

void TcpStack::receive_too_big(const TcpSegment& segment) {
    if (const std::shared_ptr<Tcb> tcb = find(segment.source, segment.destination)) {
        tcb->on_too_big(segment.sequence);
    }
}

void TcpStack::refuse(const TcpSegment& segment) {
    if (segment.has(Control::rst)) {
        return;
    }
    TcpSegment reset = {
        .source = segment.destination, .destination = segment.source, .controls = Control::rst};
    if (segment.has(Control::ack)) {
        reset.sequence = segment.acknowledgment;
    } else {
        reset.controls = Control::rst | Control::ack;
        reset.acknowledgment = segment.sequence + segment.length();
    }
    send(std::move(reset));
}

void TcpStack::remove(Tcb& tcb) noexcept {
    flows_.erase(tcb.flow());
}

void TcpStack::start_time_wait(Tcb& tcb) {
    const Instant until = now() + time_wait;
    tcb.note_waiting(now());
    if (time_waits_.empty()) {
        events().set_timer(*this, until);
    }
    time_waits_.push_back({until, tcb.weak_from_this(), now()});
}

void TcpStack::expire() noexcept {
    while (!time_waits_.empty() && time_waits_.front().until <= now()) {
        const Waiting waiting = std::move(time_waits_.front());
        time_waits_.pop_front();
        const std::shared_ptr<Tcb> tcb = waiting.tcb.lock();
        // Late segments begin the wait anew.
        if (tcb != nullptr && tcb->waiting_since() == waiting.since) {
            tcb->expire_time_wait();
        }
    }
    if (!time_waits_.empty()) {
        events().set_timer(*this, time_waits_.front().until);
    }
}

std::size_t TcpStack::segment_size(const Flow& flow) const noexcept {
    const std::size_t headers = ip_header_size(flow.local.family) + tcp_header_size;
    const std::size_t mtu = computer_.path_mtu(flow.remote);
    return mtu > headers ? mtu - headers : 1;
}

}  // namespace owsk::net
