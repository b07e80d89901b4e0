// SPDX-License-Identifier: MIT
// Blocks of pcapng have the bytes that its specification gives them.
#include "net/capture/pcapng.h"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>

namespace owsk::net {
namespace {

using Bytes = std::vector<std::byte>;
using std::chrono::nanoseconds;

Bytes bytes_of(std::initializer_list<int> values) {
    Bytes bytes;
    for (const int value : values) {
        bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
}

TEST(Pcapng, ASectionNamesTheApplication) {
    EXPECT_EQ(pcapng_section_header("owsk!"),
              bytes_of({0x0a, 0x0d, 0x0d, 0x0a, 0x2c, 0,    0,    0,     // type, length
                        0x4d, 0x3c, 0x2b, 0x1a, 0x01, 0,    0,    0,     // byte order, version
                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // of unknown length
                        0x04, 0,    0x05, 0,    'o',  'w',  's',  'k',
                        '!',  0,    0,    0,    0,    0,    0,    0,  // padding, end of options
                        0x2c, 0,    0,    0}));
}

TEST(Pcapng, AnInterfaceSeesIpPacketsAndCountsNanoseconds) {
    EXPECT_EQ(pcapng_interface("pc"),
              bytes_of({0x01, 0, 0, 0, 0x28, 0,   0, 0,  // type, length
                        101,  0, 0, 0, 0,    0,   0, 0,  // LINKTYPE_RAW, packets of any size
                        0x02, 0, 2, 0, 'p',  'c', 0, 0,  // if_name
                        0x09, 0, 1, 0, 9,    0,   0, 0,  // if_tsresol
                        0,    0, 0, 0, 0x28, 0,   0, 0}));
}

TEST(Pcapng, APacketIsPaddedAndHasItsTimeInTwoHalves) {
    const Instant time{nanoseconds(0x0000000a0b0c0d0e)};
    EXPECT_EQ(pcapng_packet(3, time, bytes_of({1, 2, 3, 4, 5}), {}),
              bytes_of({0x06, 0,    0,    0,    0x28, 0, 0, 0,  // type, length
                        0x03, 0,    0,    0,    0x0a, 0, 0, 0,  // interface, upper half
                        0x0e, 0x0d, 0x0c, 0x0b, 5,    0, 0, 0,  // lower half, captured
                        5,    0,    0,    0,    1,    2, 3, 4,  // length of the packet
                        5,    0,    0,    0,    0x28, 0, 0, 0}));
}

TEST(Pcapng, ACommentStandsBehindThePacket) {
    const Bytes plain = pcapng_packet(0, Instant{}, bytes_of({1, 2, 3, 4}), {});
    const Bytes commented = pcapng_packet(0, Instant{}, bytes_of({1, 2, 3, 4}), "lost");
    ASSERT_EQ(commented.size(), plain.size() + 12);
    const Bytes option(commented.end() - 16, commented.end() - 4);
    EXPECT_EQ(option, bytes_of({1, 0, 4, 0, 'l', 'o', 's', 't', 0, 0, 0, 0}));
}

TEST(Pcapng, ATextIsCutToWhatAnOptionCanHold) {
    const Bytes block = pcapng_packet(0, Instant{}, {}, std::string(70000, 'x'));
    EXPECT_EQ(block.size(), 28U + 4U + 0x10000U + 4U + 4U);
}

}  // namespace
}  // namespace owsk::net
