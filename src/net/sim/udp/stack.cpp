// SPDX-License-Identifier: MIT
// Whose port a datagram is for.
#include "net/sim/udp/stack.h"

#include <algorithm>
#include <utility>

#include "net/flow.h"
#include "net/group_address.h"
#include "net/sim/computer.h"
#include "net/sim/udp_endpoint.h"

namespace owsk::net {

namespace {

// The ports that sockets get by themselves, as on Linux.
constexpr std::uint32_t first_udp_port = 32768;
constexpr std::uint32_t udp_port_count = 28232;

}  // namespace

void UdpStack::receive(UdpDatagram& datagram) noexcept {
    if (is_for_several(datagram.destination)) {
        give_to_all(datagram);
    } else if (UdpEndpoint* const endpoint = find(datagram.destination)) {
        endpoint->arrive(datagram);
    } else {
        refuse(datagram);
    }
}

UdpEndpoint* UdpStack::find(const Address& local) const noexcept {
    UdpEndpoint* best = nullptr;
    Fit best_fit = Fit::none;
    for (UdpEndpoint* endpoint : endpoints_) {
        const Fit fit = endpoint->claim().fit(local);
        if (fit != Fit::none && fit >= best_fit) {
            best = endpoint;
            best_fit = fit;
        }
    }
    return best;
}

void UdpStack::give_to_all(const UdpDatagram& datagram) noexcept {
    // A watcher may let endpoints come and go.
    const std::vector<UdpEndpoint*> endpoints = endpoints_;
    for (UdpEndpoint* endpoint : endpoints) {
        const bool is_there =
            std::find(endpoints_.begin(), endpoints_.end(), endpoint) != endpoints_.end();
        if (is_there && endpoint->claim().fit(datagram.destination) != Fit::none &&
            endpoint->hears(datagram.destination)) {
            UdpDatagram copy = datagram;
            endpoint->arrive(copy);
        }
    }
}

void UdpStack::refuse(UdpDatagram& datagram) noexcept {
    Address here = datagram.destination;
    Address there = datagram.source;
    here.port = 0;
    there.port = 0;
    computer_.send(
        IcmpError{.source = here, .destination = there, .datagram = std::move(datagram)});
}

void UdpStack::receive(const IcmpError& error) noexcept {
    if (UdpEndpoint* const endpoint = find(error.datagram.source)) {
        endpoint->arrive(error);
    }
}

bool UdpStack::takes(const Address& destination) const noexcept {
    if (is_limited_broadcast(destination)) {
        return computer_.source_for(destination) != nullptr;
    }
    return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const UdpEndpoint* endpoint) {
        return endpoint->hears(destination);
    });
}

bool UdpStack::is_taken(const Address& local, const DatagramPortOptions& options) const noexcept {
    const Claim claim(local, options.v6_only);
    return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const UdpEndpoint* other) {
        const bool agreed = options.share_port && other->shares_port();
        return other->claim().meets(claim) && !agreed;
    });
}

Result<Address> UdpStack::choose_port(const Address& address, const DatagramPortOptions& options) {
    if (address.family == Family::ipv6 && options.v6_only && v4_unmapped(address) != address) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!address.is_wildcard() && !computer_.has_address(v4_unmapped(address))) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    Address local = address;
    if (local.port != 0) {
        if (is_taken(local, options)) {
            return STATUS_ADDRESS_ALREADY_EXISTS;
        }
        return local;
    }
    const auto start = static_cast<std::uint32_t>(random_.below(udp_port_count));
    for (std::uint32_t i = 0; i < udp_port_count; ++i) {
        local.port = static_cast<std::uint16_t>(first_udp_port + (start + i) % udp_port_count);
        if (!is_taken(local, {.v6_only = options.v6_only})) {
            return local;
        }
    }
    return STATUS_ADDRESS_ALREADY_EXISTS;
}

}  // namespace owsk::net
