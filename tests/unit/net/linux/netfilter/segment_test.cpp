// SPDX-License-Identifier: MIT
// Segments are read from captured packets, and nothing is read from broken ones.
#include "net/linux/netfilter/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "net/linux/netfilter/packet_copy.h"
#include "net/wire/checksum.h"
#include "net/wire/ip_header.h"

namespace owsk::net {
namespace {

using Packet = std::vector<std::byte>;

Packet packet_of(std::initializer_list<int> values) {
    Packet packet;
    for (const int value : values) {
        packet.push_back(static_cast<std::byte>(value));
    }
    return packet;
}

// Both were captured on lo, where the kernel leaves the checksum of TCP unfinished.
const Packet syn4 = packet_of({
    0x45, 0x00, 0x00, 0x3c, 0x73, 0x9a, 0x40, 0x00, 0x40, 0x06, 0xc9, 0x1f,  // to the checksum
    0x7f, 0x00, 0x00, 0x01, 0x7f, 0x00, 0x00, 0x01,                          // addresses
    0x8c, 0xe8, 0x10, 0x92, 0x72, 0xfa, 0x7c, 0x28, 0x00, 0x00, 0x00, 0x00,  // to SEG.ACK
    0xa0, 0x02, 0xff, 0xd7, 0xfe, 0x30, 0x00, 0x00,                          // to "Urgent Pointer"
    0x02, 0x04, 0xff, 0xd7, 0x04, 0x02, 0x08, 0x0a, 0x10, 0x44,              // options
    0x96, 0x83, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
});
const Packet syn6 = packet_of({
    0x60, 0x01, 0xe6, 0xf2, 0x00, 0x28, 0x06, 0x40,  // to "Hop Limit"
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    1,  // source
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    1,                                                     // destination
    0xe0, 0x24, 0x10, 0x92, 0x83, 0x73, 0xd7, 0x23, 0x00, 0x00, 0x00, 0x00,  // to SEG.ACK
    0xa0, 0x02, 0xff, 0xc4, 0x00, 0x30, 0x00, 0x00,                          // to "Urgent Pointer"
    0x02, 0x04, 0xff, 0xc4, 0x04, 0x02, 0x08, 0x0a, 0xcf, 0x3c,              // options
    0x68, 0x63, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
});

const Segment segment4{.source = {.port = 36072, .ip = {127, 0, 0, 1}},
                       .destination = {.port = 4242, .ip = {127, 0, 0, 1}},
                       .sequence = 0x72fa7c28,
                       .control = {.syn = true}};
const Address localhost6{.family = Family::ipv6,
                         .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

Address at_port(Address address, std::uint16_t port) {
    address.port = port;
    return address;
}

const Segment segment6{.source = at_port(localhost6, 57380),
                       .destination = at_port(localhost6, 4242),
                       .sequence = 0x8373d723,
                       .control = {.syn = true}};

constexpr std::size_t tcp4 = 20;  // where TCP begins
constexpr std::size_t tcp6 = 40;

Packet with(Packet packet, std::size_t at, int value) {
    packet[at] = static_cast<std::byte>(value);
    return packet;
}

Packet first(const Packet& packet, std::size_t length) {
    return {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length)};
}

// syn6 with an extension header, whose own "Next Header" is filled in here.
Packet extended(const Packet& packet, int kind, std::initializer_list<int> rest) {
    Packet result = packet;
    Packet extension = packet_of(rest);
    extension.insert(extension.begin(), packet[6]);
    result[6] = static_cast<std::byte>(kind);
    result[5] = static_cast<std::byte>(std::to_integer<int>(packet[5]) + extension.size());
    result.insert(result.begin() + tcp6, extension.begin(), extension.end());
    return result;
}

TEST(ParseSegment, ReadsACapturedSyn) {
    EXPECT_EQ(parse_segment(syn4), segment4);
    EXPECT_EQ(parse_segment(syn6), segment6);
}

TEST(ParseSegment, ReadsEveryControlBitButThoseOfEcn) {
    const auto read = [](int bits) {
        return parse_segment(with(syn4, tcp4 + 13, bits)).value().control;
    };
    EXPECT_EQ(read(0x01), ControlBits{.fin = true});
    EXPECT_EQ(read(0x02), ControlBits{.syn = true});
    EXPECT_EQ(read(0x04), ControlBits{.rst = true});
    EXPECT_EQ(read(0x08), ControlBits{.psh = true});
    EXPECT_EQ(read(0x10), ControlBits{.ack = true});
    EXPECT_EQ(read(0x20), ControlBits{.urg = true});
    EXPECT_EQ(read(0xc2), ControlBits{.syn = true});
}

TEST(ParseSegment, IsContentWithTheFixedPartOfTheTcpHeader) {
    for (std::size_t length = 0; length <= syn4.size(); ++length) {
        EXPECT_EQ(parse_segment(first(syn4, length)).has_value(), length >= tcp4 + 20) << length;
    }
    for (std::size_t length = 0; length <= syn6.size(); ++length) {
        EXPECT_EQ(parse_segment(first(syn6, length)).has_value(), length >= tcp6 + 20) << length;
    }
    EXPECT_EQ(parse_segment(first(syn4, tcp4 + 20)), segment4);
}

TEST(ParseSegment, CountsTheTextThatTheIpHeaderPromises) {
    const Packet long4 = with(with(syn4, 2, 0x05), 3, 0x00);  // 1280 bytes
    EXPECT_EQ(parse_segment(long4).value().text_length, 1280U - 60);
    const Packet long6 = with(with(syn6, 4, 0xff), 5, 0xff);
    EXPECT_EQ(parse_segment(long6).value().text_length, 65535U - 40);
}

TEST(ParseSegment, LeavesOutWhatFollowsThePacket) {
    Packet padded = syn4;
    padded.resize(256);
    EXPECT_EQ(parse_segment(padded), segment4);
    // The packet ends inside the TCP header, whatever follows.
    EXPECT_FALSE(parse_segment(with(padded, 3, 20 + 19)));
    padded = syn6;
    padded.resize(256);
    EXPECT_EQ(parse_segment(padded), segment6);
    EXPECT_FALSE(parse_segment(with(padded, 5, 19)));
}

TEST(ParseSegment, StepsOverIpv4Options) {
    Packet packet = with(with(syn4, 0, 0x46), 3, 0x40);
    const Packet router_alert = packet_of({0x94, 0x04, 0x00, 0x00});
    packet.insert(packet.begin() + tcp4, router_alert.begin(), router_alert.end());
    EXPECT_EQ(parse_segment(packet), segment4);
    EXPECT_FALSE(parse_segment(first(packet, 23))) << "cut inside the options";
}

TEST(ParseSegment, RefusesAnImpossibleIpHeader) {
    EXPECT_FALSE(parse_segment({}));
    EXPECT_FALSE(parse_segment(with(syn4, 0, 0x55))) << "no such version";
    EXPECT_FALSE(parse_segment(with(syn4, 0, 0x65))) << "IPv4 that calls itself IPv6";
    EXPECT_FALSE(parse_segment(with(syn6, 0, 0x45))) << "IPv6 that calls itself IPv4";
    EXPECT_FALSE(parse_segment(with(syn4, 0, 0x44))) << "a header of 16 bytes";
    EXPECT_FALSE(parse_segment(with(syn4, 3, 19))) << "shorter than its header";
    EXPECT_FALSE(parse_segment(with(syn4, 3, 0))) << "without a length";
    EXPECT_FALSE(parse_segment(with(syn6, 5, 0))) << "without a length";
}

TEST(ParseSegment, RefusesAnImpossibleDataOffset) {
    for (const auto& [packet, tcp] : {std::pair(syn4, tcp4), std::pair(syn6, tcp6)}) {
        EXPECT_FALSE(parse_segment(with(packet, tcp + 12, 0x00)));
        EXPECT_FALSE(parse_segment(with(packet, tcp + 12, 0x40)));
        EXPECT_TRUE(parse_segment(with(packet, tcp + 12, 0x50)));
        EXPECT_FALSE(parse_segment(with(packet, tcp + 12, 0xb0))) << "behind the end";
    }
}

TEST(ParseSegment, RefusesOtherProtocols) {
    EXPECT_FALSE(parse_segment(with(syn4, 9, 17)));
    EXPECT_FALSE(parse_segment(with(syn6, 6, 17)));
    EXPECT_FALSE(parse_segment(with(syn6, 6, 59))) << "no next header";
}

TEST(ParseSegment, ReadsTheFirstFragmentOnly) {
    EXPECT_TRUE(parse_segment(with(with(syn4, 6, 0x20), 7, 0)));
    EXPECT_FALSE(parse_segment(with(with(syn4, 6, 0x20), 7, 1)));
    EXPECT_FALSE(parse_segment(with(with(syn4, 6, 0x1f), 7, 0)));
    EXPECT_EQ(parse_segment(extended(syn6, 44, {0, 0x00, 0x01, 1, 2, 3, 4})), segment6);
    EXPECT_FALSE(parse_segment(extended(syn6, 44, {0, 0x00, 0x08, 1, 2, 3, 4})));
    EXPECT_FALSE(parse_segment(extended(syn6, 44, {0, 0x80, 0x00, 1, 2, 3, 4})));
    // The byte that other headers have their length in is reserved here.
    EXPECT_EQ(parse_segment(extended(syn6, 44, {7, 0x00, 0x00, 1, 2, 3, 4})), segment6);
}

TEST(ParseSegment, StepsOverExtensionHeaders) {
    Packet packet = extended(syn6, 60, {1, 1, 4, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(parse_segment(packet), segment6);
    packet = extended(packet, 43, {0, 4, 0, 0, 0, 0, 0});
    EXPECT_EQ(parse_segment(packet), segment6);
    packet = extended(packet, 0, {0, 1, 4, 0, 0, 0, 0});
    EXPECT_EQ(parse_segment(packet), segment6);
    constexpr std::size_t tcp = tcp6 + 16 + 8 + 8;
    for (std::size_t length = 0; length <= packet.size(); ++length) {
        EXPECT_EQ(parse_segment(first(packet, length)).has_value(), length >= tcp + 20) << length;
    }
}

TEST(ParseSegment, RefusesAnExtensionHeaderBehindTheEnd) {
    EXPECT_FALSE(parse_segment(extended(syn6, 60, {255, 1, 4, 0, 0, 0, 0})));
    EXPECT_FALSE(parse_segment(extended(syn6, 0, {5, 1, 4, 0, 0, 0, 0})));
    Packet endless = syn6;
    endless.resize(256);
    std::fill(endless.begin() + tcp6, endless.end(), std::byte{0});
    EXPECT_FALSE(parse_segment(with(with(endless, 6, 0), 5, 216))) << "of hop-by-hop options only";
}

TEST(ParseSegment, RefusesWhatIsRoutedOnToAnotherHost) {
    EXPECT_FALSE(parse_segment(extended(syn6, 43, {0, 4, 1, 0, 0, 0, 0})));
}

Packet built(const Segment& segment) {
    SegmentBuffer buffer;
    buffer.fill(std::byte{0xee});
    const std::size_t length = build_segment(segment, buffer);
    return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length)};
}

TEST(BuildSegment, WritesIpv4) {
    const Segment segment{.source = {.port = 80, .ip = {192, 0, 2, 1}},
                          .destination = {.port = 40000, .ip = {198, 51, 100, 2}},
                          .acknowledgement = 0x01020305,
                          .control = {.ack = true, .rst = true}};
    const Packet expected = packet_of({
        0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06,              // to "Protocol"
        0x4e, 0x99, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x02,              // to the addresses
        0x00, 0x50, 0x9c, 0x40, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x05,  // to SEG.ACK
        0x50, 0x14, 0x00, 0x00, 0x23, 0x02, 0x00, 0x00,
    });
    EXPECT_EQ(built(segment), expected);
}

TEST(BuildSegment, WritesIpv6) {
    const Segment segment{
        .source = {.family = Family::ipv6,
                   .port = 443,
                   .ip = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
        .destination = {.family = Family::ipv6,
                        .port = 65535,
                        .ip = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x42, 0xab, 0xff, 0xfe, 0xcd, 0, 1},
                        .scope_id = 3},
        .sequence = 0xfffffffe,
        .control = {.psh = true}};
    const Packet expected = packet_of({
        0x60, 0x00, 0x00, 0x00, 0x00, 0x14, 0x06, 0x40,  // to "Hop Limit"
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,  // source
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,  // and its second half
        0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // destination
        0x00, 0x42, 0xab, 0xff, 0xfe, 0xcd, 0x00, 0x01,  // and its second half
        0x01, 0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x00, 0x00, 0x00, 0x00,  // to SEG.ACK
        0x50, 0x08, 0x00, 0x00, 0xd6, 0xd7, 0x00, 0x00,
    });
    EXPECT_EQ(built(segment), expected);
}

TEST(BuildSegment, WritesWhatParseSegmentReads) {
    for (Segment segment : {segment4, segment6}) {
        for (int bits = 0; bits < 64; ++bits) {
            segment.control = {.urg = (bits & 1) != 0,
                               .ack = (bits & 2) != 0,
                               .psh = (bits & 4) != 0,
                               .rst = (bits & 8) != 0,
                               .syn = (bits & 16) != 0,
                               .fin = (bits & 32) != 0};
            segment.acknowledgement = 0xa0b0c0d0U + static_cast<std::uint32_t>(bits);
            EXPECT_EQ(parse_segment(built(segment)), segment) << bits;
        }
    }
}

TEST(SequenceLength, CountsTextSynAndFin) {
    EXPECT_EQ(sequence_length({}), 0U);
    EXPECT_EQ(sequence_length({.control = {.ack = true, .psh = true}, .text_length = 7}), 7U);
    EXPECT_EQ(sequence_length({.control = {.syn = true, .fin = true}, .text_length = 7}), 9U);
}

// That of a packet is right if the sum over everything, the pseudo-header included, is 0xffff.
std::uint64_t sum_over(const Packet& packet, std::size_t ip_header) {
    const std::size_t addresses = ip_header == 20 ? 8 : 32;
    const auto all = std::span(packet).subspan(ip_header - addresses);
    return sum_of(all) + protocol_tcp + (packet.size() - ip_header);
}

TEST(CompleteChecksum, MakesItRightAndChangesNothingElse) {
    const std::pair<Packet, std::size_t> packets[] = {{syn4, 20}, {syn6, 40}};
    for (const auto& [unfinished, ip_header] : packets) {
        EXPECT_NE(checksum(sum_over(unfinished, ip_header)), 0);
        Packet packet = unfinished;
        complete_checksum(packet);
        EXPECT_EQ(checksum(sum_over(packet, ip_header)), 0);
        const Packet once = packet;
        complete_checksum(packet);
        EXPECT_EQ(packet, once) << "a right one stays";
        packet[ip_header + 16] = unfinished[ip_header + 16];
        packet[ip_header + 17] = unfinished[ip_header + 17];
        EXPECT_EQ(packet, unfinished);
    }
}

TEST(PacketCopy, KeepsWholePacketsOnly) {
    EXPECT_TRUE(std::ranges::equal(PacketCopy(syn4).bytes(), syn4));
    EXPECT_TRUE(PacketCopy(Packet(PacketCopy::bytes_max + 1)).bytes().empty());
    EXPECT_EQ(PacketCopy(Packet(PacketCopy::bytes_max)).bytes().size(), PacketCopy::bytes_max);
}

TEST(RefusalOf, AcknowledgesTheSynAndItsText) {
    Segment syn = segment4;
    EXPECT_EQ(refusal_of(syn),
              (Segment{.source = segment4.destination,
                       .destination = segment4.source,
                       .acknowledgement = 0x72fa7c29,
                       .control = {.ack = true, .rst = true}}));
    syn.text_length = 10;
    EXPECT_EQ(refusal_of(syn).acknowledgement, 0x72fa7c33U);
    syn.sequence = 0xffffffff;
    EXPECT_EQ(refusal_of(syn).acknowledgement, 10U);
}

TEST(ProbeOf, IsABareAcknowledgementOfTheSyn) {
    Segment syn = segment6;
    syn.sequence = 0xffffffff;
    syn.text_length = 10;  // which a client in SYN-SENT has sent, but need not have acknowledged
    EXPECT_EQ(probe_of(syn),
              (Segment{.source = segment6.destination,
                       .destination = segment6.source,
                       .acknowledgement = 0,
                       .control = {.ack = true}}));
}

TEST(SegmentChecksum, IsRightInWhatWeBuild) {
    for (const Segment& segment : {segment4, segment6}) {
        SegmentBuffer buffer;
        const std::size_t length = build_segment(segment, buffer);
        Packet packet(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(has_wrong_checksum(packet));
        // Whatever changes, in the segment or in the addresses.
        for (std::size_t at = segment.source.family == Family::ipv4 ? 12 : 8; at < length; ++at) {
            const bool is_data_offset = at + 8 == length;
            if (!is_data_offset) {
                EXPECT_TRUE(
                    has_wrong_checksum(with(packet, at, std::to_integer<int>(packet[at]) ^ 1)))
                    << at;
            }
        }
    }
}

TEST(SegmentChecksum, CoversTheText) {
    SegmentBuffer buffer;
    const std::size_t length = build_segment(segment4, buffer);
    Packet packet(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length));
    packet.push_back(std::byte{7});
    packet[3] = static_cast<std::byte>(packet.size());
    EXPECT_TRUE(has_wrong_checksum(packet));
}

TEST(SegmentChecksum, CannotBeToldWhereSomethingIsMissing) {
    // Both checksums are unfinished, and so are wrong.
    EXPECT_TRUE(has_wrong_checksum(syn4));
    EXPECT_TRUE(has_wrong_checksum(syn6));
    EXPECT_FALSE(has_wrong_checksum(first(syn4, syn4.size() - 1)));
    EXPECT_FALSE(has_wrong_checksum(with(syn4, 6, 0x20))) << "the first of several fragments";
    EXPECT_FALSE(has_wrong_checksum(extended(syn6, 44, {0, 0, 1, 0, 0, 0, 0})))
        << "the first of several fragments";
    EXPECT_TRUE(has_wrong_checksum(extended(syn6, 44, {0, 0, 0, 0, 0, 0, 0}))) << "the only one";
}

}  // namespace
}  // namespace owsk::net
