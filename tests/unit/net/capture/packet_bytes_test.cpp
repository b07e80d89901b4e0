// SPDX-License-Identifier: MIT
// Packets have the bytes that RFC 791, 8200, 9293 and 768 give them. The expected ones with
// checksums were made by another program than ours.
#include "net/capture/packet_bytes.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace owsk::net {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::initializer_list<int> values) {
    Bytes bytes;
    for (const int value : values) {
        bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
}

const Address client{.port = 40000, .ip = {192, 0, 2, 2}};
const Address server{.port = 7, .ip = {192, 0, 2, 1}};
const Address client6{.family = Family::ipv6,
                      .port = 40000,
                      .ip = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
const Address server6{.family = Family::ipv6,
                      .port = 7,
                      .ip = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

TEST(PacketBytes, OfASynWithBothOptionsOverIpv4) {
    EXPECT_EQ(packet_bytes(TcpSegment{.source = client,
                                      .destination = server,
                                      .sequence = 0x01020304,
                                      .controls = Control::syn,
                                      .window = 65535,
                                      .maximum_segment_size = 1460,
                                      .window_scale = 7}),
              bytes_of({0x45, 0x00, 0x00, 0x30, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0xb6, 0xc4,
                        0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40, 0x00, 0x07,
                        0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x00, 0x00, 0x70, 0x02, 0xff, 0xff,
                        0x5f, 0xc7, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x01, 0x03, 0x03, 0x07}));
}

TEST(PacketBytes, OfAFinWithAnOddNumberOfOctetsOverIpv6) {
    EXPECT_EQ(
        packet_bytes(TcpSegment{.source = client6,
                                .destination = server6,
                                .sequence = 0xfffffffe,
                                .acknowledgment = 0x80000001,
                                .controls = Control::ack | Control::psh | Control::fin,
                                .window = 1,
                                .payload = "hello"}),
        bytes_of({0x60, 0x00, 0x00, 0x00, 0x00, 0x19, 0x06, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00,
                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x20, 0x01,
                  0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                  0x01, 0x9c, 0x40, 0x00, 0x07, 0xff, 0xff, 0xff, 0xfe, 0x80, 0x00, 0x00, 0x01,
                  0x50, 0x19, 0x00, 0x01, 0xf4, 0x36, 0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c, 0x6f}));
}

TEST(PacketBytes, OfASegmentWithOneOption) {
    EXPECT_EQ(packet_bytes(TcpSegment{.source = client,
                                      .destination = server,
                                      .controls = Control::rst | Control::syn,
                                      .window_scale = 14}),
              bytes_of({0x45, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0xb6,
                        0xc8, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40,
                        0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x60,
                        0x06, 0x00, 0x00, 0x7b, 0x7e, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0e}));
}

TEST(PacketBytes, OfADatagramOverIpv4) {
    EXPECT_EQ(packet_bytes(UdpDatagram{.source = client, .destination = server, .payload = "abc"}),
              bytes_of({0x45, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x40, 0x11, 0xf6,
                        0xca, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40,
                        0x00, 0x07, 0x00, 0x0b, 0x1b, 0x2a, 0x61, 0x62, 0x63}));
}

TEST(PacketBytes, OfAnEmptyDatagramOverIpv6) {
    EXPECT_EQ(packet_bytes(UdpDatagram{.source = client6, .destination = server6, .payload = ""}),
              bytes_of({0x60, 0x00, 0x00, 0x00, 0x00, 0x08, 0x11, 0x40, 0x20, 0x01, 0x0d, 0xb8,
                        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                        0x00, 0x00, 0x00, 0x01, 0x9c, 0x40, 0x00, 0x07, 0x00, 0x08, 0x08, 0x22}));
}

TEST(PacketBytes, OfADatagramWhoseSumWouldSayThatThereIsNone) {
    EXPECT_EQ(
        packet_bytes(UdpDatagram{.source = client, .destination = server, .payload = "\xdf\x8e"}),
        bytes_of({0x45, 0x00, 0x00, 0x1e, 0x00, 0x00, 0x00, 0x00, 0x40, 0x11,
                  0xf6, 0xcb, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01,
                  0x9c, 0x40, 0x00, 0x07, 0x00, 0x0a, 0xff, 0xff, 0xdf, 0x8e}));
}

TEST(PacketBytes, OfADatagramWithFieldsOfItsOwn) {
    UdpDatagram datagram = {.source = client,
                            .destination = server,
                            .payload = "abc",
                            .hop_limit = 1,
                            .traffic_class = 0xb9,
                            .may_be_fragmented = false};
    EXPECT_EQ(packet_bytes(datagram),
              bytes_of({0x45, 0xb9, 0x00, 0x1f, 0x00, 0x00, 0x40, 0x00, 0x01, 0x11, 0xf5,
                        0x11, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40,
                        0x00, 0x07, 0x00, 0x0b, 0x1b, 0x2a, 0x61, 0x62, 0x63}));
    datagram.source = client6;
    datagram.destination = server6;
    const std::vector<std::byte> ipv6 = packet_bytes(datagram);
    EXPECT_EQ(ipv6[0], std::byte{0x6b});
    EXPECT_EQ(ipv6[1], std::byte{0x90});
    EXPECT_EQ(ipv6[7], std::byte{1});
}

// tcpdump -v: "ICMP 192.0.2.1 udp port 7 unreachable", with the datagram behind it.
TEST(PacketBytes, OfAnIcmpError) {
    const UdpDatagram datagram = {.source = client, .destination = server, .payload = "abc"};
    EXPECT_EQ(
        packet_bytes(IcmpError{.source = server, .destination = client, .datagram = datagram}),
        bytes_of({0x45, 0x00, 0x00, 0x3b, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01, 0xb6, 0xbe,
                  0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x02, 0x03, 0x03, 0x81, 0x1d,
                  0x00, 0x00, 0x00, 0x00, 0x45, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x00,
                  0x40, 0x11, 0xf6, 0xca, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01,
                  0x9c, 0x40, 0x00, 0x07, 0x00, 0x0b, 0x1b, 0x2a, 0x61, 0x62, 0x63}));
}

// RFC 1191: the MTU is in the last two bytes of the header; RFC 4443: in the last four.
TEST(PacketBytes, OfAnErrorAboutTheMtuOfTheWay) {
    const TcpSegment segment = {
        .source = client, .destination = server, .payload = std::string(1460, 'x')};
    const std::vector<std::byte> packet = packet_bytes(
        TooBig{.source = server, .destination = client, .mtu = 1400, .packet = segment});
    EXPECT_EQ(packet.size(), 576U);
    EXPECT_EQ(std::vector(packet.begin() + 20, packet.begin() + 22), bytes_of({3, 4}));
    EXPECT_EQ(std::vector(packet.begin() + 24, packet.begin() + 29),
              bytes_of({0, 0, 0x05, 0x78, 0x45}));
    const UdpDatagram datagram = {.source = client6, .destination = server6, .payload = "abc"};
    const std::vector<std::byte> ipv6 = packet_bytes(
        TooBig{.source = server6, .destination = client6, .mtu = 1400, .packet = datagram});
    EXPECT_EQ(std::vector(ipv6.begin() + 40, ipv6.begin() + 42), bytes_of({2, 0}));
    EXPECT_EQ(std::vector(ipv6.begin() + 44, ipv6.begin() + 49),
              bytes_of({0, 0, 0x05, 0x78, 0x60}));
}

TEST(PacketBytes, OfAnIcmpErrorOverIpv6AboutALongDatagram) {
    const UdpDatagram datagram = {
        .source = client6, .destination = server6, .payload = std::string(3000, 'x')};
    const std::vector<std::byte> packet =
        packet_bytes(IcmpError{.source = server6, .destination = client6, .datagram = datagram});
    EXPECT_EQ(packet.size(), 1280U);  // as long as a packet may be anywhere
    EXPECT_EQ(packet[6], std::byte{58});
    EXPECT_EQ(packet[40], std::byte{1});
    EXPECT_EQ(packet[41], std::byte{4});
    // The length of the datagram, of which only the beginning is there.
    EXPECT_EQ(packet[48 + 4], std::byte{0x0b});
    EXPECT_EQ(packet[48 + 5], std::byte{0xc0});
}

}  // namespace
}  // namespace owsk::net
