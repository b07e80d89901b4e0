// SPDX-License-Identifier: MIT
// FaultyNetwork: another network, with the faults that a machine is told to have. Only the machine
// puts it there, so that without faults nothing asks for them.
#pragma once

#include <openwsk/faults.h>

#include "net/faulty/faulty_address_list.h"
#include "net/faulty/faulty_resolver.h"
#include "net/network.h"

namespace owsk::net {

class FaultyNetwork final : public Network {
  public:
    FaultyNetwork(Network& inner, Faults& faults) noexcept
        : inner_(inner),
          faults_(faults),
          resolver_(inner.resolver(), faults),
          address_list_(inner.address_list(), faults) {}

    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    Result<std::unique_ptr<Connector>> bind(const Address& address,
                                            const BindOptions& options) override;
    Resolver& resolver() noexcept override { return resolver_; }
    AddressList& address_list() noexcept override { return address_list_; }
    Result<std::unique_ptr<DatagramPort>> bind_datagrams(
        const Address& address, const DatagramPortOptions& options) override;
    Result<std::uint32_t> datagram_default(Family family, DatagramOption option) noexcept override {
        return inner_.datagram_default(family, option);
    }
    GateReport gate() override { return inner_.gate(); }
    GateCounters gate_counters() const noexcept override { return inner_.gate_counters(); }

  private:
    Network& inner_;
    Faults& faults_;
    FaultyResolver resolver_;
    FaultyAddressList address_list_;
};

}  // namespace owsk::net
