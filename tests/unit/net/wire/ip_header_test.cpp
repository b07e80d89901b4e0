// SPDX-License-Identifier: MIT
// IP headers are read back, and a protocol is found behind extension headers. What the SYN gate
// relies on besides is in tests/unit/net/linux/netfilter/segment_test.cpp.
#include "net/wire/ip_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace owsk::net {
namespace {

const Address client{.ip = {192, 0, 2, 2}};
const Address server{.ip = {192, 0, 2, 1}};

std::vector<std::byte> packet_of(std::size_t content_length) {
    std::vector<std::byte> packet(ip_header_length(Family::ipv4) + content_length, std::byte{1});
    std::fill_n(packet.begin(), ip_header_length(Family::ipv4), std::byte{0});
    put_ip_header(packet, client, server, protocol_udp, content_length);
    return packet;
}

TEST(IpHeader, IsReadBack) {
    const std::vector<std::byte> packet = packet_of(10);
    const std::optional<IpContent> content = parse_ip(packet, protocol_udp);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->source, client);
    EXPECT_EQ(content->destination, server);
    EXPECT_EQ(content->length, 10U);
    EXPECT_EQ(content->seen.size(), 10U);
    EXPECT_EQ(content->seen.data(), packet.data() + 20);
}

TEST(IpHeader, OfAnotherProtocolIsPassedOver) {
    EXPECT_FALSE(parse_ip(packet_of(8), protocol_tcp));
}

TEST(IpHeader, OfACutPacketTellsTheWholeLength) {
    const std::vector<std::byte> packet = packet_of(108);
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
