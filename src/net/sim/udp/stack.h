// SPDX-License-Identifier: MIT
// UdpStack: the UDP ports of one computer. A datagram to a port that nobody has is answered with an
// ICMP error, unless it was meant for several computers.
#pragma once

#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "net/datagram_port.h"
#include "net/sim/packet.h"

namespace owsk::net {

class Computer;
class UdpEndpoint;

class UdpStack {
  public:
    UdpStack(Computer& computer, Prng random) noexcept : computer_(computer), random_(random) {}

    void receive(UdpDatagram& datagram) noexcept;
    void receive(const IcmpError& error) noexcept;
    // Whether a datagram to all computers, or to a group, is for this one as well.
    bool takes(const Address& destination) const noexcept;

    // Port 0: any free one. Fails with the statuses of Network::listen.
    Result<Address> choose_port(const Address& address, const DatagramPortOptions& options);
    void add(UdpEndpoint& endpoint) { endpoints_.push_back(&endpoint); }
    void remove(UdpEndpoint& endpoint) noexcept { std::erase(endpoints_, &endpoint); }

  private:
    bool is_taken(const Address& local, const DatagramPortOptions& options) const noexcept;
    // Of those that share the address, the one that came last.
    UdpEndpoint* find(const Address& local) const noexcept;
    void give_to_all(const UdpDatagram& datagram) noexcept;
    void refuse(UdpDatagram& datagram) noexcept;

    Computer& computer_;
    Prng random_;
    std::vector<UdpEndpoint*> endpoints_;
};

}  // namespace owsk::net
