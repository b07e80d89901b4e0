// SPDX-License-Identifier: MIT
// How many places one client may take, and what is left for the others.
#include "net/client_shares.h"

#include <gtest/gtest.h>

#include "net/flow.h"

namespace owsk::net {
namespace {

Address client(std::uint8_t last) {
    return {.family = Family::ipv4, .port = last, .ip = {192, 0, 2, last}};
}

// 2001:db8:0:`network`::`host`.
Address client6(std::uint8_t network, std::uint8_t host) {
    Address address = {.family = Family::ipv6, .ip = {0x20, 0x01, 0x0D, 0xB8}};
    address.ip[7] = network;
    address.ip[15] = host;
    return address;
}

Address link_local(std::uint8_t host, std::uint32_t link) {
    Address address = {.family = Family::ipv6, .ip = {0xFE, 0x80}, .scope_id = link};
    address.ip[15] = host;
    return address;
}

std::size_t take_all(ClientShares& shares, const Address& of, std::size_t places) {
    std::size_t count = 0;
    for (; shares.has_room_for(of, places); ++count) {
        shares.add(of);
    }
    return count;
}

TEST(ClientShares, OneClientEndsAtTheHalf) {
    ClientShares shares;
    EXPECT_EQ(take_all(shares, client(1), 4096), 2048U);
}

TEST(ClientShares, AFloodFromAFewLeavesRoomForWhoHasNone) {
    ClientShares shares;
    for (std::uint8_t last = 1; last <= 6; ++last) {
        EXPECT_NE(take_all(shares, client(last), 4096), 0U);
    }
    EXPECT_TRUE(shares.has_room_for(client(9), 4096));
    EXPECT_FALSE(shares.has_room_for(client(1), 4096));
}

TEST(ClientShares, WhatIsGivenBackCanBeTakenAgain) {
    ClientShares shares;
    EXPECT_EQ(take_all(shares, client(1), 8), 4U);
    shares.remove(client(1));
    EXPECT_EQ(take_all(shares, client(1), 8), 1U);
    for (int i = 0; i < 4; ++i) {
        shares.remove(client(1));
    }
    EXPECT_EQ(shares.taken(), 0U);
}

TEST(ClientShares, NobodyTakesMoreThanThereIs) {
    ClientShares shares;
    shares.add(client(1));
    shares.add(client(2));
    EXPECT_FALSE(shares.has_room_for(client(3), 2));
}

TEST(ClientShares, AnIpv4ClientIsTheSameHoweverItIsWritten) {
    ClientShares shares;
    take_all(shares, client(1), 8);
    EXPECT_FALSE(shares.has_room_for(v4_mapped(client(1)), 8));
    Address other_port = client(1);
    other_port.port = 99;
    EXPECT_FALSE(shares.has_room_for(other_port, 8));
}

TEST(ClientShares, AnIpv6ClientIsItsNetwork) {
    ClientShares shares;
    take_all(shares, client6(1, 1), 8);
    EXPECT_FALSE(shares.has_room_for(client6(1, 2), 8));
    EXPECT_TRUE(shares.has_room_for(client6(2, 1), 8));
}

TEST(ClientShares, ALinkLocalClientIsItsAddressOnItsLink) {
    ClientShares shares;
    take_all(shares, link_local(1, 2), 8);
    EXPECT_FALSE(shares.has_room_for(link_local(1, 2), 8));
    EXPECT_TRUE(shares.has_room_for(link_local(2, 2), 8));
    EXPECT_TRUE(shares.has_room_for(link_local(1, 3), 8));
}

TEST(ClientShares, ManyThatComeAndGoAreCountedRightly) {
    ClientShares shares;
    take_all(shares, client6(0, 1), 8);
    for (int round = 0; round < 1000; ++round) {
        const Address passing =
            client6(static_cast<std::uint8_t>(round % 250 + 1), static_cast<std::uint8_t>(round));
        shares.add(passing);
        shares.remove(passing);
    }
    EXPECT_EQ(shares.taken(), 4U);
    EXPECT_FALSE(shares.has_room_for(client6(0, 9), 8));
}

}  // namespace
}  // namespace owsk::net
