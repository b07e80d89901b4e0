// SPDX-License-Identifier: MIT
// UdpStack: the UDP ports of one computer. Datagrams to ports that nobody has are dropped: there is
// no ICMP here.
#pragma once

#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "net/sim/packet.h"

namespace owsk::net {

class Computer;
class UdpEndpoint;

class UdpStack {
  public:
    UdpStack(Computer& computer, Prng random) noexcept : computer_(computer), random_(random) {}

    void receive(UdpDatagram& datagram) noexcept;

    // Port 0: any free one. Fails with the statuses of Network::listen.
    Result<Address> choose_port(const Address& address);
    void add(UdpEndpoint& endpoint) { endpoints_.push_back(&endpoint); }
    void remove(UdpEndpoint& endpoint) noexcept { std::erase(endpoints_, &endpoint); }

  private:
    bool is_taken(const Address& address) const noexcept;

    Computer& computer_;
    Prng random_;
    std::vector<UdpEndpoint*> endpoints_;
};

}  // namespace owsk::net
