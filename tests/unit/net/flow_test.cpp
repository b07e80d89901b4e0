// SPDX-License-Identifier: MIT
// The same connection, as packets and as sockets tell of it.
#include "net/flow.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace owsk::net {
namespace {

const Address ipv4{.family = Family::ipv4, .port = 7, .ip = {192, 0, 2, 1}};
const Address mapped{.family = Family::ipv6,
                     .port = 7,
                     .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1}};
const Address ipv6{.family = Family::ipv6, .port = 7, .ip = {0x20, 0x01, 0x0D, 0xB8, 1}};
const Address other{.family = Family::ipv4, .port = 9, .ip = {192, 0, 2, 2}};

Address with_scope(Address address, std::uint32_t scope, std::uint32_t flow_info) {
    address.scope_id = scope;
    address.flow_info = flow_info;
    return address;
}

TEST(V4Mapped, GoesThereAndBack) {
    EXPECT_EQ(v4_mapped(ipv4), mapped);
    EXPECT_EQ(v4_unmapped(mapped), ipv4);
}

TEST(V4Unmapped, LeavesOtherAddressesAlone) {
    EXPECT_EQ(v4_unmapped(ipv4), ipv4);
    EXPECT_EQ(v4_unmapped(ipv6), ipv6);
    Address almost = mapped;
    almost.ip[0] = 1;
    EXPECT_EQ(v4_unmapped(almost), almost);
    const Address wildcard{.family = Family::ipv6, .port = 7};
    EXPECT_EQ(v4_unmapped(wildcard), wildcard);
}

TEST(Flow, IsTheSameForAnIpv4ClientOfAnIpv6Socket) {
    EXPECT_EQ(Flow(mapped, v4_mapped(other)), Flow(ipv4, other));
    EXPECT_EQ(FlowHash()(Flow(mapped, v4_mapped(other))), FlowHash()(Flow(ipv4, other)));
}

TEST(Flow, DoesNotLookAtWhatPacketsDoNotSay) {
    EXPECT_EQ(Flow(with_scope(ipv6, 3, 0), with_scope(ipv6, 3, 17)), Flow(ipv6, ipv6));
    EXPECT_EQ(FlowHash()(Flow(with_scope(ipv6, 3, 17), ipv6)), FlowHash()(Flow(ipv6, ipv6)));
}

TEST(Flow, OnALinkClientsWithOneLinkLocalAddressAreTwo) {
    Address neighbour = ipv6;
    neighbour.ip = {0xFE, 0x80};
    const Address on_two = with_scope(neighbour, 2, 0);
    const Address on_three = with_scope(neighbour, 3, 0);
    EXPECT_NE(flow_on_link(ipv6, on_two), flow_on_link(ipv6, on_three));
    EXPECT_EQ(flow_on_link(ipv6, on_two), flow_on_link(with_scope(ipv6, 5, 1), on_two));
    EXPECT_EQ(flow_on_link(ipv6, with_scope(ipv6, 5, 0)), flow_on_link(ipv6, ipv6));
    EXPECT_EQ(flow_on_link(mapped, v4_mapped(other)), flow_on_link(ipv4, other));
}

TEST(Flow, HasTwoDifferentEnds) {
    EXPECT_NE(Flow(ipv4, other), Flow(other, ipv4));
    Address next_port = other;
    ++next_port.port;
    EXPECT_NE(Flow(ipv4, other), Flow(ipv4, next_port));
}

TEST(FlowHash, SpreadsNeighbours) {
    std::unordered_set<std::size_t> low_bits;
    for (std::uint16_t port = 0; port < 4096; ++port) {
        Address remote = other;
        remote.port = port;
        low_bits.insert(FlowHash()(Flow(ipv4, remote)) % 4096);
    }
    // By chance it would be 63 % of all.
    EXPECT_GT(low_bits.size(), 4096U / 2);
}

}  // namespace
}  // namespace owsk::net
