// SPDX-License-Identifier: MIT
// One name for each connection, whoever tells of it.
#include "net/flow.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/hash.h"
#include "net/claim.h"

namespace owsk::net {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

Address as_in_packets(const Address& address) noexcept {
    Address plain = v4_unmapped(address);
    plain.flow_info = 0;
    plain.scope_id = 0;
    return plain;
}

std::uint64_t mix_address(std::uint64_t hash, const Address& address) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, address.ip.data(), sizeof halves);
    return mix(mix(mix(hash, halves[0]), halves[1]), address.port);
}

}  // namespace

Address v4_mapped(const Address& ipv4) noexcept {
    Address mapped = {.family = Family::ipv6, .port = ipv4.port};
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), mapped.ip.begin());
    std::copy_n(ipv4.ip.begin(), 4, mapped.ip.begin() + mapped_prefix.size());
    return mapped;
}

Address v4_unmapped(const Address& address) noexcept {
    if (address.family != Family::ipv6 ||
        !std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.ip.begin())) {
        return address;
    }
    Address ipv4 = {.family = Family::ipv4, .port = address.port};
    std::copy_n(address.ip.begin() + mapped_prefix.size(), 4, ipv4.ip.begin());
    return ipv4;
}

bool is_loopback(const Address& address) noexcept {
    constexpr std::array<std::uint8_t, 16> v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return address.family == Family::ipv4 ? address.ip[0] == 127 : address.ip == v6;
}

Flow::Flow(const Address& local_end, const Address& remote_end) noexcept
    : local(as_in_packets(local_end)), remote(as_in_packets(remote_end)) {}

Flow flow_on_link(const Address& local, const Address& remote) noexcept {
    Flow flow(local, remote);
    flow.link = is_link_local(remote) ? remote.scope_id : 0;
    return flow;
}

std::size_t FlowHash::operator()(const Flow& flow) const noexcept {
    return static_cast<std::size_t>(mix_address(mix_address(flow.link, flow.local), flow.remote));
}

}  // namespace owsk::net
