// SPDX-License-Identifier: MIT
// SimConnector: a local address of a simulated computer, and the handshake from it, or the listener
// that it becomes.
#pragma once

#include <memory>

#include "net/bound.h"
#include "net/network.h"
#include "net/sim/computer.h"
#include "net/sim/tcp/options.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

class SimConnector final : public Connector, private TcpUser {
  public:
    // `local` is free, with a port. The computer outlives the connector.
    SimConnector(Computer& computer, const Address& local, const BindOptions& options);
    ~SimConnector();

    const Address& local_address() const noexcept override { return local_; }
    void allow_port_sharing(bool allow) noexcept override;
    NTSTATUS connect(const Address& remote,
                     unsigned attempt,
                     host::Processor& processor,
                     ConnectorEvents& events) noexcept override;
    void abandon() noexcept override;
    Result<std::unique_ptr<Listener>> listen(const OptionValues& inherited) override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;
    void close(host::Task& closed) noexcept override;

  private:
    Result<std::shared_ptr<Tcb>> make_outgoing(const Address& remote);
    void hold_port();
    void release_port() noexcept;
    void on_tcp(Readiness readiness) noexcept override;
    void announce() noexcept;
    void end() noexcept;

    Computer& computer_;
    const Address local_;
    BindOptions bound_;
    bool holds_port_ = false;  // until a listener does
    TcpOptions options_;
    std::shared_ptr<Tcb> tcb_;  // of the attempt that is under way
    unsigned attempt_ = 0;
    bool has_succeeded_ = false;
    host::Processor* processor_ = nullptr;
    ConnectorEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    BoundTask<SimConnector, &SimConnector::announce> announcement_{*this};
    BoundTask<SimConnector, &SimConnector::end> end_{*this};
};

}  // namespace owsk::net
