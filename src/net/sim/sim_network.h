// SPDX-License-Identifier: MIT
// SimNetwork: the network of a machine that runs on a simulated computer.
#pragma once

#include "net/network.h"
#include "net/sim/computer.h"

namespace owsk::net {

class SimNetwork final : public Network {
  public:
    // The computer outlives the network.
    explicit SimNetwork(Computer& computer) noexcept : computer_(computer) {}

    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    GateReport gate() override;
    GateCounters gate_counters() const noexcept override { return counters_; }

  private:
    Computer& computer_;
    GateCounters counters_;
};

}  // namespace owsk::net
