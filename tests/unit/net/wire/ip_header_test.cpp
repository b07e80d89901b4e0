// SPDX-License-Identifier: MIT
// IP headers are read back, and a protocol is found behind extension headers. What the SYN gate
// relies on besides is in tests/unit/net/linux/netfilter/segment_test.cpp.
#include "net/wire/ip_header.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "net/wire/packet_bytes.h"

namespace owsk::net {
namespace {

const Address client{.port = 1, .ip = {192, 0, 2, 2}};
const Address server{.port = 2, .ip = {192, 0, 2, 1}};

Address without_port(Address address) {
    address.port = 0;
    return address;
}

TEST(IpHeader, IsReadBack) {
    const std::array data{std::byte{'a'}, std::byte{'b'}};
    const std::vector<std::byte> packet = udp_packet_bytes(client, server, data);
    const std::optional<IpContent> content = parse_ip(packet, protocol_udp);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->source, without_port(client));
    EXPECT_EQ(content->destination, without_port(server));
    EXPECT_EQ(content->length, 10U);
    EXPECT_EQ(content->seen.size(), 10U);
    EXPECT_EQ(content->seen.back(), std::byte{'b'});
}

TEST(IpHeader, OfAnotherProtocolIsPassedOver) {
    const std::vector<std::byte> packet = udp_packet_bytes(client, server, {});
    EXPECT_FALSE(parse_ip(packet, protocol_tcp));
}

TEST(IpHeader, OfACutPacketTellsTheWholeLength) {
    const std::array<std::byte, 100> data{};
    const std::vector<std::byte> packet = udp_packet_bytes(client, server, data);
    const std::optional<IpContent> content = parse_ip(std::span(packet).first(30), protocol_udp);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->length, 108U);
    EXPECT_EQ(content->seen.size(), 10U);
}

TEST(IpHeader, OfNeitherVersionIsNone) {
    EXPECT_FALSE(parse_ip({}, protocol_tcp));
    EXPECT_FALSE(parse_ip(std::vector<std::byte>(60, std::byte{0x50}), protocol_tcp));
}

}  // namespace
}  // namespace owsk::net
