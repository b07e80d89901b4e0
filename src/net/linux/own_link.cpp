// SPDX-License-Identifier: MIT
// Asks the kernel anew each time: addresses come and go.
#include "net/linux/own_link.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

Address address_of(const ifaddrs& entry) noexcept {
    Sockaddr sockaddr;
    std::memcpy(&sockaddr.storage, entry.ifa_addr, sizeof(sockaddr_in6));
    return to_address(sockaddr);
}

}  // namespace

std::uint32_t own_link_of(const Address& address) noexcept {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return 0;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
    std::uint32_t link = 0;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET6) {
            continue;
        }
        const Address own = address_of(*entry);
        if (own.ip != address.ip) {
            continue;
        }
        if (link != 0) {
            return 0;
        }
        link = own.scope_id;
    }
    return link;
}

}  // namespace owsk::net
