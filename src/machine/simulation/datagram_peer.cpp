// SPDX-License-Identifier: MIT
// One UDP port of a program on a simulated computer.
#include <openwsk/simulation.h>

#include "machine/simulation/checked.h"
#include "machine/simulation/parts.h"

namespace owsk {

Address DatagramPeer::local_address() const {
    return parts_->endpoint.local();
}

void DatagramPeer::send_to(const std::string& ip, std::uint16_t port, std::string_view data) {
    Address to = require_address(ip);
    to.port = port;
    parts_->endpoint.send_to(to, data);
}

const std::vector<DatagramPeer::Datagram>& DatagramPeer::received() const {
    return parts_->received;
}

}  // namespace owsk
