// SPDX-License-Identifier: MIT
#include "wsk/datagram/control_data.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "wsk/memory/block.h"

namespace owsk::wsk {
namespace {

template <typename T>
std::string object(INT level, INT type, const T& value) {
    std::string bytes(CMSG_SPACE(sizeof value), '\0');
    CMSGHDR header = {};
    header.cmsg_len = CMSG_LEN(sizeof value);
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, &value, sizeof value);
    return bytes;
}

Result<net::DatagramHeader> parse(Family family, const std::string& bytes) {
    return parse_control(
        family, reinterpret_cast<const CMSGHDR*>(bytes.data()), static_cast<ULONG>(bytes.size()));
}

NTSTATUS parse_status(Family family, const std::string& bytes) {
    const Result<net::DatagramHeader> header = parse(family, bytes);
    return header ? STATUS_SUCCESS : header.status();
}

net::ReceivedDatagram datagram_of(Family family) {
    net::ReceivedDatagram datagram;
    datagram.remote.family = family;
    datagram.header.packet_info = net::PacketInfo{{127, 0, 0, 9}, 3};
    datagram.header.hop_limit = 64;
    datagram.header.traffic_class = 0x2A;
    return datagram;
}

constexpr ControlWishes everything = {true, true, true, true};

TEST(ControlDataTest, NothingIsAHeaderWithoutAnything) {
    EXPECT_EQ(*parse_control(Family::ipv4, nullptr, 0), net::DatagramHeader{});
    EXPECT_EQ(parse_control(Family::ipv4, nullptr, 1).status(), STATUS_INVALID_PARAMETER);
}

TEST(ControlDataTest, WhatIsWrittenIsReadBack) {
    std::array<std::byte, 256> room;
    const net::ReceivedDatagram datagram = datagram_of(Family::ipv4);
    const WrittenControl written = write_control(datagram, everything, room);
    EXPECT_FALSE(written.is_truncated);
    const Result<net::DatagramHeader> header =
        parse_control(Family::ipv4, reinterpret_cast<const CMSGHDR*>(room.data()), written.length);
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, datagram.header);
}

TEST(ControlDataTest, EverythingFitsIntoAnIndication) {
    std::array<std::byte, DatagramIndication::control_max> room;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        net::ReceivedDatagram datagram = datagram_of(family);
        datagram.header.segment_size = 1000;
        EXPECT_FALSE(write_control(datagram, everything, room).is_truncated);
    }
}

TEST(ControlDataTest, OnlyWhatIsWantedAndThereIsWritten) {
    std::array<std::byte, 256> room;
    net::ReceivedDatagram datagram = datagram_of(Family::ipv4);
    EXPECT_EQ(write_control(datagram, {}, room).length, 0U);
    EXPECT_EQ(write_control(datagram, {.hop_limit = true}, room).length, CMSG_SPACE(sizeof(INT)));
    datagram.header.hop_limit.reset();
    EXPECT_EQ(write_control(datagram, {.hop_limit = true}, room).length, 0U);
}

TEST(ControlDataTest, WhatDoesNotFitIsLeftOut) {
    const net::ReceivedDatagram datagram = datagram_of(Family::ipv4);
    for (std::size_t size = 0; size < 100; ++size) {
        std::vector<std::byte> room(size + 1, std::byte{0xEE});
        const WrittenControl written =
            write_control(datagram, everything, std::span(room).first(size));
        EXPECT_LE(written.length, size);
        EXPECT_EQ(written.is_truncated, size < 92) << size;
        EXPECT_EQ(room[size], std::byte{0xEE});
        EXPECT_TRUE(parse_control(
            Family::ipv4,
            written.length == 0 ? nullptr : reinterpret_cast<const CMSGHDR*>(room.data()),
            written.length))
            << size;
    }
}

TEST(ControlDataTest, TheSizeOfSegmentsHasTwoNames) {
    const Result<net::DatagramHeader> header =
        parse(Family::ipv6, object(IPPROTO_UDP, UDP_SEND_MSG_SIZE, DWORD{1000}));
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, net::DatagramHeader{.segment_size = 1000});
    EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_UDP, UDP_SEND_MSG_SIZE, USHORT{1000})),
              STATUS_INVALID_PARAMETER);
    net::ReceivedDatagram datagram;
    datagram.header.segment_size = 1000;
    std::array<std::byte, 64> room;
    const WrittenControl written = write_control(datagram, {}, room);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(room.data()), written.length),
              object(IPPROTO_UDP, UDP_COALESCED_INFO, DWORD{1000}));
}

TEST(ControlDataTest, AnErrorIsThereWhateverIsWanted) {
    struct Case {
        net::IcmpReport report;
        INT level;
        IPPROTO protocol;
    };
    for (const auto& [report, level, protocol] :
         {Case{{Family::ipv4, 3, 4, 1400}, IPPROTO_IP, IPPROTO_ICMP},
          Case{{Family::ipv6, 1, 4, 0}, IPPROTO_IPV6, IPPROTO_ICMPV6}}) {
        // A port of both families has errors of both.
        net::ReceivedDatagram datagram = datagram_of(Family::ipv6);
        datagram.error = report;
        IN_RECVERR expected = {};
        expected.protocol = protocol;
        expected.info = report.mtu;
        expected.type = report.type;
        expected.code = report.code;
        for (const ControlWishes& wishes : {ControlWishes{}, everything}) {
            std::array<std::byte, 128> room;
            const WrittenControl written = write_control(datagram, wishes, room);
            EXPECT_FALSE(written.is_truncated);
            EXPECT_EQ(std::string(reinterpret_cast<const char*>(room.data()), written.length),
                      object(level, IP_RECVERR, expected));
        }
    }
}

TEST(ControlDataTest, AMappedAddressIsOneOfIpv4) {
    net::ReceivedDatagram datagram = datagram_of(Family::ipv6);
    datagram.remote.ip[10] = datagram.remote.ip[11] = 0xFF;
    datagram.header.packet_info->ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 9};
    std::array<std::byte, 256> room;
    write_control(datagram, {.packet_info = true}, room);
    IN_PKTINFO info;
    std::memcpy(&info, room.data() + sizeof(CMSGHDR), sizeof info);
    EXPECT_EQ(info.ipi_ifindex, 3U);
    const UCHAR address[] = {127, 0, 0, 9};
    EXPECT_EQ(std::memcmp(&info.ipi_addr, address, sizeof address), 0);
    // And the same way back.
    const Result<net::DatagramHeader> header =
        parse(Family::ipv6, object(IPPROTO_IP, IP_PKTINFO, info));
    ASSERT_TRUE(header);
    EXPECT_EQ((*header).packet_info, datagram.header.packet_info);
}

TEST(ControlDataTest, TheBitsOfEcnAreThoseOfTheTrafficClassWhateverComesFirst) {
    const std::string tos = object(IPPROTO_IP, IP_TOS, INT{0x48});
    const std::string ecn = object(IPPROTO_IP, IP_ECN, INT{2});
    for (const std::string& both : {tos + ecn, ecn + tos}) {
        const Result<net::DatagramHeader> header = parse(Family::ipv4, both);
        ASSERT_TRUE(header);
        EXPECT_EQ((*header).traffic_class, 0x4A);
    }
}

TEST(ControlDataTest, MalformedControlDataIsRefused) {
    const std::string good = object(IPPROTO_IP, IP_TTL, INT{9});
    for (std::size_t length = 1; length < CMSG_LEN(sizeof(INT)); ++length) {
        EXPECT_EQ(parse_status(Family::ipv4, good.substr(0, length)), STATUS_INVALID_PARAMETER);
    }
    // Without the padding of the last object it is whole.
    EXPECT_EQ(parse_status(Family::ipv4, good.substr(0, CMSG_LEN(sizeof(INT)))), STATUS_SUCCESS);
    for (const SIZE_T wrong : {SIZE_T{0}, SIZE_T{15}, SIZE_T{25}, ~SIZE_T{0}, ~SIZE_T{7}}) {
        std::string bad = good;
        std::memcpy(bad.data(), &wrong, sizeof wrong);
        EXPECT_EQ(parse_status(Family::ipv4, bad), STATUS_INVALID_PARAMETER) << wrong;
    }
    EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_IP, IP_PKTINFO, INT{0})),
              STATUS_INVALID_PARAMETER);
    for (const INT value : {-1, 256}) {
        EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_IP, IP_TTL, value)),
                  STATUS_INVALID_PARAMETER);
    }
    EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_IP, IP_ECN, INT{4})),
              STATUS_INVALID_PARAMETER);
}

TEST(ControlDataTest, WhatDatagramsDoNotHaveHereIsNotSupported) {
    EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_UDP, UDP_COALESCED_INFO, DWORD{1000})),
              STATUS_NOT_SUPPORTED);
    EXPECT_EQ(parse_status(Family::ipv4, object(IPPROTO_IPV6, IPV6_HOPLIMIT, INT{1})),
              STATUS_NOT_SUPPORTED);
    EXPECT_EQ(parse_status(Family::ipv6, object(IPPROTO_IPV6, IPV6_HOPLIMIT, INT{1})),
              STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::wsk
