// SPDX-License-Identifier: MIT
// Whose port a datagram is for.
#include "net/sim/udp/stack.h"

#include <algorithm>

#include "net/sim/computer.h"
#include "net/sim/udp_endpoint.h"

namespace owsk::net {

namespace {

// The ports that sockets get by themselves, as on Linux.
constexpr std::uint32_t first_udp_port = 32768;
constexpr std::uint32_t udp_port_count = 28232;

bool is_for(const Address& local, const Address& destination) noexcept {
    return local.port == destination.port && local.family == destination.family &&
           (local.is_wildcard() || local.ip == destination.ip);
}

}  // namespace

void UdpStack::receive(UdpDatagram& datagram) noexcept {
    UdpEndpoint* best = nullptr;
    for (UdpEndpoint* endpoint : endpoints_) {
        if (is_for(endpoint->local(), datagram.destination) &&
            (best == nullptr || best->local().is_wildcard())) {
            best = endpoint;
        }
    }
    if (best != nullptr) {
        best->arrive(datagram);
    }
}

bool UdpStack::is_taken(const Address& address) const noexcept {
    return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const UdpEndpoint* other) {
        return is_for(other->local(), address) || is_for(address, other->local());
    });
}

Result<Address> UdpStack::choose_port(const Address& address) {
    if (!address.is_wildcard() && !computer_.has_address(address)) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    Address local = address;
    if (local.port != 0) {
        if (is_taken(local)) {
            return STATUS_ADDRESS_ALREADY_EXISTS;
        }
        return local;
    }
    const auto start = static_cast<std::uint32_t>(random_.below(udp_port_count));
    for (std::uint32_t i = 0; i < udp_port_count; ++i) {
        local.port = static_cast<std::uint16_t>(first_udp_port + (start + i) % udp_port_count);
        if (!is_taken(local)) {
            return local;
        }
    }
    return STATUS_ADDRESS_ALREADY_EXISTS;
}

}  // namespace owsk::net
