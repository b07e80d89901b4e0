// SPDX-License-Identifier: MIT
// SimNetwork: the network of a machine that runs on a simulated computer.
#pragma once

#include <openwsk/gate_limits.h>

#include <optional>

#include "host/sim/sim_host.h"
#include "net/network.h"
#include "net/sim/computer.h"
#include "net/sim/sim_address_list.h"
#include "net/sim/sim_resolver.h"
#include "net/sim/syn_loop.h"

namespace owsk::net {

class SimNetwork final : public Network {
  public:
    // Computer and host outlive the network. With a host its loop brings attempts to their
    // processors, which are of that host.
    explicit SimNetwork(Computer& computer,
                        const GateLimits& limits = {},
                        host::SimHost* host = nullptr) noexcept
        : computer_(computer),
          limits_(limits),
          host_(host),
          resolver_(computer),
          address_list_(computer) {}

    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    Result<std::unique_ptr<Connector>> bind(const Address& address,
                                            const BindOptions& options) override;
    Resolver& resolver() noexcept override { return resolver_; }
    AddressList& address_list() noexcept override { return address_list_; }
    Result<std::unique_ptr<DatagramPort>> bind_datagrams(
        const Address& address, const DatagramPortOptions& options) override;
    Result<std::uint32_t> datagram_default(Family family, DatagramOption option) noexcept override;
    GateReport gate() override;
    GateCounters gate_counters() const noexcept override { return counters_; }

  private:
    SynLoop* syn_loop() noexcept;

    Computer& computer_;
    const GateLimits limits_;
    host::SimHost* const host_;
    SimResolver resolver_;
    SimAddressList address_list_;
    std::optional<SynLoop> syn_loop_;
    GateCounters counters_;
};

}  // namespace owsk::net
