// SPDX-License-Identifier: MIT
// Making listeners, connectors and ports.
#include "net/sim/sim_network.h"

#include <utility>

#include "net/sim/sim_connector.h"
#include "net/sim/sim_datagram_port.h"
#include "net/sim/sim_gate.h"
#include "net/sim/sim_listener.h"
#include "net/sim/tcp/stack.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Address& address,
                                                     const ListenOptions& options) {
    Result<std::unique_ptr<TcpListener>> listener = TcpListener::open(
        computer_.tcp(), address, options, TcpOptions::from(options.inherited), default_backlog);
    if (!listener) {
        return listener.status();
    }
    if (options.conditional) {
        return std::unique_ptr<Listener>(std::make_unique<SimGate>(
            std::move(*listener), limits_, gate(), counters_, syn_loop()));
    }
    return std::unique_ptr<Listener>(std::make_unique<SimListener>(std::move(*listener)));
}

Result<std::unique_ptr<Connector>> SimNetwork::bind(const Address& address,
                                                    const BindOptions& options) {
    const Result<Address> local = computer_.tcp().choose_port(
        address, {.v6_only = options.v6_only, .share_port = options.share_port});
    if (!local) {
        return local.status();
    }
    return std::unique_ptr<Connector>(std::make_unique<SimConnector>(computer_, *local, options));
}

Result<std::unique_ptr<DatagramPort>> SimNetwork::bind_datagrams(
    const Address& address, const DatagramPortOptions& options) {
    auto port = std::make_unique<SimDatagramPort>(computer_);
    const NTSTATUS status = port->bind(address, options);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return std::unique_ptr<DatagramPort>(std::move(port));
}

Result<std::uint32_t> SimNetwork::datagram_default(Family, DatagramOption option) noexcept {
    return SimDatagramPort(computer_).get_option(option);
}

// Null: there is no host, or it gives no thread.
SynLoop* SimNetwork::syn_loop() noexcept {
    if (host_ != nullptr && !syn_loop_) {
        if (host::SimProcessor* const loop = host_->cpu_loop()) {
            syn_loop_.emplace(*loop, host_->world().stream("SYNs of " + host_->name()));
        }
    }
    return syn_loop_ ? &*syn_loop_ : nullptr;
}

GateReport SimNetwork::gate() {
    return {"sim", "the simulated network holds each attempt at its SYN, before the handshake"};
}

}  // namespace owsk::net
