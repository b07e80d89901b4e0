// SPDX-License-Identifier: MIT
// Address as the sockets of the Linux kernel write it.
#pragma once

#include <openwsk/address.h>
#include <sys/socket.h>

namespace owsk::net {

struct Sockaddr {
    sockaddr_storage storage = {};
    socklen_t length = sizeof(sockaddr_storage);

    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

Sockaddr to_sockaddr(const Address& address) noexcept;
// Precondition: the family is AF_INET or AF_INET6. An IPv4 client of an IPv6 socket stays what
// Linux and Windows both make of it, a v4-mapped IPv6 address.
Address to_address(const Sockaddr& sockaddr) noexcept;

}  // namespace owsk::net
