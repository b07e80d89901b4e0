// SPDX-License-Identifier: MIT
// SimNetwork: the network of a machine that runs on a simulated computer.
#pragma once

#include <openwsk/gate_limits.h>

#include "net/network.h"
#include "net/sim/computer.h"

namespace owsk::net {

class SimNetwork final : public Network {
  public:
    // The computer outlives the network.
    explicit SimNetwork(Computer& computer, const GateLimits& limits = {}) noexcept
        : computer_(computer), limits_(limits) {}

    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    GateReport gate() override;
    GateCounters gate_counters() const noexcept override { return counters_; }

  private:
    Computer& computer_;
    const GateLimits limits_;
    GateCounters counters_;
};

}  // namespace owsk::net
