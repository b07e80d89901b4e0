// SPDX-License-Identifier: MIT
// Copied field by field through memcpy: a sockaddr_storage is no sockaddr_in to the compiler.
#include "net/linux/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "base/assert.h"

namespace owsk::net {

namespace {

template <typename Specific>
Sockaddr wrap(const Specific& specific) noexcept {
    Sockaddr sockaddr;
    std::memcpy(&sockaddr.storage, &specific, sizeof specific);
    sockaddr.length = sizeof specific;
    return sockaddr;
}

template <typename Specific>
Specific unwrap(const Sockaddr& sockaddr) noexcept {
    Specific specific;
    std::memcpy(&specific, &sockaddr.storage, sizeof specific);
    return specific;
}

}  // namespace

Sockaddr to_sockaddr(const Address& address) noexcept {
    if (address.family == Family::ipv4) {
        sockaddr_in ipv4 = {};
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(address.port);
        std::memcpy(&ipv4.sin_addr, address.ip.data(), sizeof ipv4.sin_addr);
        return wrap(ipv4);
    }
    sockaddr_in6 ipv6 = {};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(address.port);
    ipv6.sin6_flowinfo = address.flow_info;
    ipv6.sin6_scope_id = address.scope_id;
    std::memcpy(&ipv6.sin6_addr, address.ip.data(), sizeof ipv6.sin6_addr);
    return wrap(ipv6);
}

Address to_address(const Sockaddr& sockaddr) noexcept {
    Address address;
    if (sockaddr.storage.ss_family == AF_INET) {
        const auto ipv4 = unwrap<sockaddr_in>(sockaddr);
        address.port = ntohs(ipv4.sin_port);
        std::memcpy(address.ip.data(), &ipv4.sin_addr, sizeof ipv4.sin_addr);
        return address;
    }
    OWSK_ASSERT(sockaddr.storage.ss_family == AF_INET6);
    const auto ipv6 = unwrap<sockaddr_in6>(sockaddr);
    address.family = Family::ipv6;
    address.port = ntohs(ipv6.sin6_port);
    address.flow_info = ipv6.sin6_flowinfo;
    address.scope_id = ipv6.sin6_scope_id;
    std::memcpy(address.ip.data(), &ipv6.sin6_addr, sizeof ipv6.sin6_addr);
    return address;
}

}  // namespace owsk::net
