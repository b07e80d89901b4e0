// SPDX-License-Identifier: MIT
// Addresses of a computer, and who takes its packets.
#include "net/sim/computer.h"

#include <algorithm>
#include <utility>

#include "net/sim/tcp/stack.h"
#include "net/sim/udp/stack.h"

namespace owsk::net {

namespace {

// As on Linux: mtu_expires.
constexpr Duration narrow_way_life = std::chrono::minutes(10);

}  // namespace

Computer::Computer(Internet& internet, std::string name, std::vector<Address> addresses)
    : internet_(internet),
      name_(std::move(name)),
      addresses_(std::move(addresses)),
      number_(internet.attach(*this)),
      tcp_(std::make_unique<TcpStack>(*this, internet.split_random())),
      udp_(std::make_unique<UdpStack>(*this, internet.split_random())) {}

Computer::~Computer() {
    internet_.detach(*this);
}

void Computer::add_address(const Address& address) {
    internet_.give(address, *this);
    addresses_.push_back({.family = address.family, .ip = address.ip});
    tell_observers(address.family);
}

void Computer::remove_address(const Address& address) noexcept {
    internet_.take_away(address);
    std::erase_if(addresses_, [&](const Address& own) {
        return own.family == address.family && own.ip == address.ip;
    });
    tell_observers(address.family);
}

void Computer::tell_observers(Family family) noexcept {
    for (AddressObserver* observer : observers_) {
        observer->on_addresses_changed(family);
    }
}

bool Computer::has_address(const Address& address) const noexcept {
    if (is_loopback(address)) {
        return true;
    }
    return std::any_of(addresses_.begin(), addresses_.end(), [&](const Address& own) {
        return own.family == address.family && own.ip == address.ip;
    });
}

const Address* Computer::source_for(const Address& destination) const noexcept {
    if (is_loopback(destination)) {
        return destination.family == Family::ipv4 ? &loopback_v4 : &loopback_v6;
    }
    const Address* first = nullptr;
    for (const Address& own : addresses_) {
        if (own.family != destination.family) {
            continue;
        }
        if (own.ip == destination.ip) {
            return &own;
        }
        first = first != nullptr ? first : &own;
    }
    return first;
}

void Computer::receive(Packet& packet) noexcept {
    if (handler_ != nullptr) {
        handler_->on_packet(packet);
    } else if (auto* segment = std::get_if<TcpSegment>(&packet)) {
        tcp_->receive(*segment);
    } else if (auto* datagram = std::get_if<UdpDatagram>(&packet)) {
        udp_->receive(*datagram);
    } else if (auto* error = std::get_if<TooBig>(&packet)) {
        learn(*error);
        if (auto* lost = std::get_if<TcpSegment>(&error->packet)) {
            tcp_->receive_too_big(*lost);
        }
    } else {
        udp_->receive(*std::get_if<IcmpError>(&packet));
    }
}

void Computer::learn(const TooBig& error) {
    const Instant now = internet_.now();
    std::erase_if(narrow_ways_,
                  [&](const Way& way) { return way.until <= now || way.to == error.source; });
    narrow_ways_.push_back({error.source, error.mtu, now + narrow_way_life});
}

std::size_t Computer::path_mtu(const Address& to) const noexcept {
    const std::size_t mtu = internet_.mtu(*this, to);
    for (const Way& way : narrow_ways_) {
        if (way.to.family == to.family && way.to.ip == to.ip && internet_.now() < way.until) {
            return std::min(mtu, way.mtu);
        }
    }
    return mtu;
}

bool Computer::takes(const Address& destination) const noexcept {
    return is_bare() ? source_for(destination) != nullptr : udp_->takes(destination);
}

}  // namespace owsk::net
