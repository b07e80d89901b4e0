// SPDX-License-Identifier: MIT
// Flow: the two ends of a connection as its packets name them, to find an attempt by.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>

namespace owsk::net {

// What an IPv6 socket shows of an IPv4 client, and back: ::ffff:192.0.2.1 and 192.0.2.1.
Address v4_mapped(const Address& ipv4) noexcept;
// Any other address stays as it is.
Address v4_unmapped(const Address& address) noexcept;

// 127.0.0.0/8 and ::1, which are each computer's own.
bool is_loopback(const Address& address) noexcept;

// Without what packets do not say: an IPv4 client has its IPv4 address, and there is no scope.
struct Flow {
    Flow(const Address& local, const Address& remote) noexcept;
    bool operator==(const Flow&) const = default;

    Address local;
    Address remote;
    std::uint32_t link = 0;
};

// On a computer with several links, which may have clients with the same link-local address: with
// the scope of the client's address if it is such a one.
Flow flow_on_link(const Address& local, const Address& remote) noexcept;

struct FlowHash {
    std::size_t operator()(const Flow& flow) const noexcept;
};

}  // namespace owsk::net
