// SPDX-License-Identifier: MIT
// What becomes of a SYN is told on the processor, as everything is.
#include "net/sim/sim_connector.h"

#include <utility>

#include "net/sim/sim_connection.h"
#include "net/sim/sim_listener.h"
#include "net/sim/tcp/stack.h"

namespace owsk::net {

SimConnector::SimConnector(Computer& computer, const Address& local, const BindOptions& options)
    : computer_(computer), local_(local), bound_(options) {
    hold_port();
}

SimConnector::~SimConnector() {
    abandon();
    release_port();
}

void SimConnector::hold_port() {
    computer_.tcp().hold_port(local_, bound_);
    holds_port_ = true;
}

void SimConnector::release_port() noexcept {
    if (std::exchange(holds_port_, false)) {
        computer_.tcp().release_port(local_);
    }
}

void SimConnector::allow_port_sharing(bool allow) noexcept {
    bound_.share_port = allow;
    if (holds_port_) {
        computer_.tcp().share_port(local_, allow);
    }
}

Result<std::unique_ptr<Listener>> SimConnector::listen(const OptionValues& inherited) {
    OWSK_ASSERT(tcb_ == nullptr);
    if (has_succeeded_ || !holds_port_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    release_port();
    Result<std::unique_ptr<TcpListener>> listener =
        TcpListener::open(computer_.tcp(),
                          local_,
                          {.v6_only = bound_.v6_only, .share_port = bound_.share_port},
                          TcpOptions::from(inherited),
                          default_backlog);
    if (!listener) {
        hold_port();
        return listener.status();
    }
    return std::unique_ptr<Listener>(std::make_unique<SimListener>(std::move(*listener)));
}

// A socket of both families reaches IPv4 by addresses of IPv6 that stand for it.
Result<std::shared_ptr<Tcb>> SimConnector::make_outgoing(const Address& remote) {
    const Address to = v4_unmapped(remote);
    if (to == remote) {
        return computer_.tcp().make_outgoing(remote, local_, options_);
    }
    const bool is_any = local_.is_wildcard();
    const Address from =
        is_any ? Address{.family = Family::ipv4, .port = local_.port} : v4_unmapped(local_);
    if (bound_.v6_only || from.family != to.family) {
        return STATUS_NETWORK_UNREACHABLE;
    }
    return computer_.tcp().make_outgoing(to, from, options_);
}

NTSTATUS SimConnector::connect(const Address& remote,
                               unsigned attempt,
                               host::Processor& processor,
                               ConnectorEvents& events) noexcept {
    if (has_succeeded_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    Result<std::shared_ptr<Tcb>> tcb = make_outgoing(remote);
    if (!tcb) {
        return tcb.status();
    }
    processor_ = &processor;
    events_ = &events;
    attempt_ = attempt;
    tcb_ = std::move(*tcb);
    tcb_->set_user(this);
    tcb_->open(connector_syn_repetitions);
    return STATUS_SUCCESS;
}

void SimConnector::on_tcp(Readiness) noexcept {
    processor_->post(announcement_);
}

void SimConnector::announce() noexcept {
    if (tcb_ == nullptr) {
        return;
    }
    if (tcb_->end() != TcpEnd::none) {
        const NTSTATUS status = status_of(tcb_->end());
        tcb_.reset();
        events_->on_not_connected(attempt_, status);
    } else if (tcb_->was_established()) {
        tcb_->set_user(nullptr);
        has_succeeded_ = true;
        const Flow flow = tcb_->flow();
        const auto shown = [&](const Address& address) {
            return address.family == local_.family ? address : v4_mapped(address);
        };
        events_->on_connected(std::make_unique<SimConnection>(
            std::move(tcb_), shown(flow.local), shown(flow.remote)));
    }
}

void SimConnector::abandon() noexcept {
    const std::shared_ptr<Tcb> tcb = std::exchange(tcb_, nullptr);
    if (tcb == nullptr) {
        return;
    }
    tcb->set_user(nullptr);
    if (tcb->state() == TcpState::syn_sent) {
        tcb->forget();
    } else {
        tcb->abort();
    }
}

NTSTATUS SimConnector::set_option(SocketOption option, std::uint32_t value) noexcept {
    options_.set(option, value);
    return STATUS_SUCCESS;
}

void SimConnector::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    abandon();
    // Behind an announcement that is queued already.
    processor_->post(end_);
}

void SimConnector::end() noexcept {
    closed_->run();
}

}  // namespace owsk::net
