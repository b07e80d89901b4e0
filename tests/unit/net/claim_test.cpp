// SPDX-License-Identifier: MIT
// Which listeners stand in each other's way, and which one is nearer to a packet.
#include "net/claim.h"

#include <gtest/gtest.h>

#include "net/flow.h"

namespace owsk::net {
namespace {

const Address specific4{.family = Family::ipv4, .port = 7, .ip = {192, 0, 2, 1}};
const Address wildcard4{.family = Family::ipv4, .port = 7};
const Address specific6{.family = Family::ipv6, .port = 7, .ip = {0x20, 0x01, 0x0D, 0xB8, 1}};
const Address wildcard6{.family = Family::ipv6, .port = 7};

Address link_local(std::uint32_t scope) {
    return {.family = Family::ipv6,
            .port = 7,
            .ip = {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
            .scope_id = scope};
}

Claim v6_only(const Address& local) {
    return {local, true};
}
Claim both_families(const Address& local) {
    return {local, false};
}

bool meet(const Claim& a, const Claim& b) {
    EXPECT_EQ(a.meets(b), b.meets(a));
    return a.meets(b);
}

TEST(Claim, FamiliesDoNotMeet) {
    EXPECT_FALSE(meet(v6_only(wildcard4), v6_only(wildcard6)));
    EXPECT_FALSE(meet(v6_only(specific4), v6_only(specific6)));
    EXPECT_FALSE(meet(v6_only(wildcard4), v6_only(specific6)));
    // Only a wildcard stands for both families.
    EXPECT_FALSE(meet(v6_only(wildcard4), both_families(specific6)));
}

TEST(Claim, TheWildcardOfBothFamiliesMeetsEverything) {
    for (const Address& other : {specific4, wildcard4, specific6, wildcard6}) {
        EXPECT_TRUE(meet(both_families(wildcard6), v6_only(other))) << to_string(other);
    }
    EXPECT_TRUE(meet(both_families(wildcard6), both_families(wildcard6)));
}

TEST(Claim, AnIpv4AddressInAnIpv6OneIsThatIpv4Address) {
    EXPECT_TRUE(meet(both_families(v4_mapped(specific4)), v6_only(specific4)));
    EXPECT_TRUE(meet(both_families(v4_mapped(specific4)), v6_only(wildcard4)));
    EXPECT_FALSE(meet(both_families(v4_mapped(specific4)), v6_only(wildcard6)));
}

TEST(Claim, DifferentPortsAndAddressesDoNotMeet) {
    Address other_port = wildcard4;
    other_port.port = 8;
    EXPECT_FALSE(meet(v6_only(specific4), v6_only(other_port)));
    Address neighbour = specific4;
    neighbour.ip[3] = 2;
    EXPECT_FALSE(meet(v6_only(specific4), v6_only(neighbour)));
    EXPECT_TRUE(meet(v6_only(specific4), v6_only(wildcard4)));
}

TEST(Claim, TheScopeIsPartOfALinkLocalAddressAlone) {
    EXPECT_FALSE(meet(v6_only(link_local(2)), v6_only(link_local(3))));
    EXPECT_TRUE(meet(v6_only(link_local(2)), v6_only(link_local(2))));
    EXPECT_TRUE(meet(v6_only(link_local(2)), v6_only(link_local(0))));
    EXPECT_TRUE(meet(v6_only(link_local(2)), v6_only(wildcard6)));
    Address scoped = specific6;
    scoped.scope_id = 3;
    EXPECT_TRUE(meet(v6_only(scoped), v6_only(specific6)));
}

TEST(Claim, AFlowLabelIsNotPartOfAnAddress) {
    Address labelled = specific6;
    labelled.flow_info = 17;
    EXPECT_TRUE(meet(v6_only(labelled), v6_only(specific6)));
    EXPECT_EQ(v6_only(labelled).fit(specific6), Fit::address);
}

TEST(Claim, TheNearerOneFitsBetter) {
    EXPECT_GT(Fit::address, Fit::mapped_address);
    EXPECT_GT(Fit::mapped_address, Fit::wildcard);
    EXPECT_GT(Fit::wildcard, Fit::both_families);
    EXPECT_GT(Fit::both_families, Fit::none);
    EXPECT_EQ(v6_only(specific4).fit(specific4), Fit::address);
    EXPECT_EQ(both_families(v4_mapped(specific4)).fit(specific4), Fit::mapped_address);
    EXPECT_EQ(v6_only(wildcard4).fit(specific4), Fit::wildcard);
    EXPECT_EQ(both_families(wildcard6).fit(specific4), Fit::both_families);
    EXPECT_EQ(v6_only(wildcard6).fit(specific4), Fit::none);
    EXPECT_EQ(both_families(wildcard6).fit(specific6), Fit::wildcard);
    EXPECT_EQ(v6_only(specific6).fit(specific4), Fit::none);
}

TEST(Claim, APacketOfAnotherLinkDoesNotFit) {
    EXPECT_EQ(v6_only(link_local(2)).fit(link_local(2)), Fit::address);
    EXPECT_EQ(v6_only(link_local(2)).fit(link_local(3)), Fit::none);
    EXPECT_EQ(v6_only(wildcard6).fit(link_local(3)), Fit::wildcard);
}

}  // namespace
}  // namespace owsk::net
