// SPDX-License-Identifier: MIT
// Messages of type RTM_NEWADDR.
#include "net/linux/address_messages.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "net/flow.h"
#include "net/linux/netfilter/netlink_reader.h"

namespace owsk::net {

namespace {

constexpr int family_number(Family family) noexcept {
    return family == Family::ipv4 ? AF_INET : AF_INET6;
}

constexpr std::size_t size_of_ip(Family family) noexcept {
    return family == Family::ipv4 ? 4 : 16;
}

bool is_link_local(const Address& address) noexcept {
    return address.family == Family::ipv6 && address.ip[0] == 0xFE &&
           (address.ip[1] & 0xC0) == 0x80;
}

// Nothing if the message tells of no address that a socket can be bound to.
std::optional<Address> address_in(const NetlinkMessage& message, Family family) noexcept {
    const auto header = read_value<ifaddrmsg>(message.body);
    if (!header || header->ifa_family != family_number(family)) {
        return std::nullopt;
    }
    std::uint32_t flags = header->ifa_flags;
    std::span<const std::byte> local;
    std::span<const std::byte> rest = message.body.subspan(
        std::min(message.body.size(), std::size_t{NLMSG_ALIGN(sizeof *header)}));
    while (const auto attribute = take_attribute(rest)) {
        // At the end of a point-to-point link IFA_ADDRESS is the peer's, and IFA_LOCAL comes too.
        if (attribute->type == IFA_LOCAL || (attribute->type == IFA_ADDRESS && local.empty())) {
            local = attribute->value;
        } else if (attribute->type == IFA_FLAGS) {
            flags = read_value<std::uint32_t>(attribute->value).value_or(flags);
        }
    }
    constexpr std::uint32_t not_usable = IFA_F_TENTATIVE | IFA_F_DADFAILED;
    const bool is_usable = (flags & not_usable) == 0 || (flags & IFA_F_OPTIMISTIC) != 0;
    if (local.size() != size_of_ip(family) || !is_usable) {
        return std::nullopt;
    }
    Address address = {.family = family};
    std::memcpy(address.ip.data(), local.data(), local.size());
    if (is_loopback(address)) {
        return std::nullopt;
    }
    address.scope_id = is_link_local(address) ? header->ifa_index : 0;
    return address;
}

}  // namespace

bool read_addresses(std::span<const std::byte> datagram,
                    Family family,
                    std::vector<Address>& addresses) noexcept {
    while (const auto message = take_message(datagram)) {
        if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
            return false;
        }
        if (message->type != RTM_NEWADDR) {
            continue;
        }
        if (const auto address = address_in(*message, family)) {
            addresses.push_back(*address);
        }
    }
    return true;
}

}  // namespace owsk::net
