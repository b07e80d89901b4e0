// SPDX-License-Identifier: MIT
// SimListener: the plain listener of a simulated computer.
#pragma once

#include <memory>

#include "net/bound.h"
#include "net/network.h"
#include "net/sim/tcp/listener.h"

namespace owsk::net {

class SimListener final : public Listener, private TcpListenerUser {
  public:
    explicit SimListener(std::unique_ptr<TcpListener> listener) noexcept;

    const Address& local_address() const noexcept override { return local_; }
    const GateReport& gate() const noexcept override { return no_gate_; }
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    Result<std::unique_ptr<Connection>> accept() noexcept override;
    void allow_port_sharing(bool allow) noexcept override;

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;
    void close(host::Task& closed) noexcept override;

  private:
    void on_incoming() noexcept override;
    void announce() noexcept;
    void end() noexcept;

    const GateReport no_gate_;
    const Address local_;
    std::unique_ptr<TcpListener> listener_;
    host::Processor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    BoundTask<SimListener, &SimListener::announce> announcement_{*this};
    BoundTask<SimListener, &SimListener::end> end_{*this};
};

}  // namespace owsk::net
