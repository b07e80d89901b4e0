// SPDX-License-Identifier: MIT
// How addresses are written for people.
#include <gtest/gtest.h>
#include <openwsk/address.h>

#include <utility>
#include <vector>

namespace owsk {
namespace {

Address ipv6(std::vector<std::pair<std::size_t, std::uint8_t>> octets, std::uint16_t port) {
    Address address{.family = Family::ipv6, .port = port};
    for (const auto& [at, value] : octets) {
        address.ip[at] = value;
    }
    return address;
}

TEST(AddressText, Ipv4) {
    EXPECT_EQ(to_string(Address{.family = Family::ipv4, .port = 7, .ip = {127, 0, 0, 1}}),
              "127.0.0.1:7");
}

TEST(AddressText, Ipv6ShortensTheLongestRunOfZeroGroups) {
    EXPECT_EQ(to_string(ipv6({}, 0)), "[::]:0");
    EXPECT_EQ(to_string(ipv6({{15, 1}}, 80)), "[::1]:80");
    EXPECT_EQ(to_string(ipv6({{0, 0x20}, {1, 1}, {7, 2}, {15, 1}}, 80)), "[2001:0:0:2::1]:80");
    EXPECT_EQ(to_string(ipv6({{0, 0xfe}, {1, 0x80}}, 80)), "[fe80::]:80");
}

TEST(AddressText, Ipv6ShowsTheScope) {
    Address address = ipv6({{0, 0xfe}, {1, 0x80}, {15, 1}}, 80);
    address.scope_id = 3;
    EXPECT_EQ(to_string(address), "[fe80::1%3]:80");
}

TEST(AddressText, MappedIpv4IsReadable) {
    EXPECT_EQ(to_string(ipv6({{10, 0xff}, {11, 0xff}, {12, 10}, {15, 1}}, 80)),
              "[::ffff:10.0.0.1]:80");
}

TEST(Address, WildcardIsAllZeros) {
    EXPECT_TRUE(Address{}.is_wildcard());
    EXPECT_FALSE(ipv6({{15, 1}}, 0).is_wildcard());
}

}  // namespace
}  // namespace owsk
