// SPDX-License-Identifier: MIT
// Making listeners.
#include "net/sim/sim_network.h"

#include <utility>

#include "net/sim/sim_gate.h"
#include "net/sim/sim_listener.h"
#include "net/sim/tcp/stack.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Address& address,
                                                     const ListenOptions& options) {
    TcpOptions inherited;
    options.inherited.for_each(
        [&](SocketOption option, std::uint32_t value) { inherited.set(option, value); });
    Result<std::unique_ptr<TcpListener>> listener =
        TcpListener::open(computer_.tcp(), address, options, inherited, default_backlog);
    if (!listener) {
        return listener.status();
    }
    if (options.conditional) {
        return std::unique_ptr<Listener>(std::make_unique<SimGate>(
            std::move(*listener), limits_, gate(), counters_, syn_loop()));
    }
    return std::unique_ptr<Listener>(std::make_unique<SimListener>(std::move(*listener)));
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
    return {"sim", "the simulated network holds each request at its SYN, before the handshake"};
}

}  // namespace owsk::net
