// SPDX-License-Identifier: MIT
// What the builder writes, byte for byte, and how it behaves at its limits.
#include "net/linux/netfilter/netlink_message.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <string>
#include <vector>

namespace owsk::net {
namespace {

std::vector<int> bytes_of(NetlinkMessages& messages) {
    std::vector<int> bytes;
    for (const std::byte byte : messages.bytes()) {
        bytes.push_back(std::to_integer<int>(byte));
    }
    return bytes;
}

TEST(NetlinkMessages, StartWithBothHeaders) {
    NetlinkMessages messages;
    messages.begin(0x0302, NLM_F_ACK, AF_INET, 0x1234);
    const std::vector<int> expected = {20,      0, 0,    0,   0x02, 0x03, NLM_F_REQUEST | NLM_F_ACK,
                                       0,  // length, type, flags
                                       0,       0, 0,    0,   0,    0,    0,
                                       0,  // sequence, port
                                       AF_INET, 0, 0x12, 0x34};
    EXPECT_EQ(bytes_of(messages), expected);
    EXPECT_TRUE(messages.is_complete());
}

TEST(NetlinkMessages, PadValuesWithZerosOutsideOfTheirLength) {
    NetlinkMessages messages;
    messages.begin(1, 0, AF_UNSPEC);
    messages.put_u8(7, 0xaa);
    messages.put_text(8, "abc");
    const std::vector<int> all = bytes_of(messages);
    const std::vector<int> attributes(all.begin() + 20, all.end());
    const std::vector<int> expected = {5, 0, 7, 0, 0xaa, 0, 0, 0, 8, 0, 8, 0, 'a', 'b', 'c', 0};
    EXPECT_EQ(attributes, expected);
    EXPECT_EQ(all[0], 36);
}

TEST(NetlinkMessages, WriteNumbersInNetworkByteOrder) {
    NetlinkMessages messages;
    messages.begin(1, 0, AF_UNSPEC);
    messages.put_be16(1, 0x0102);
    messages.put_be32(2, 0x01020304);
    messages.put_be64(3, 0x0102030405060708);
    const std::vector<int> all = bytes_of(messages);
    const std::vector<int> attributes(all.begin() + 20, all.end());
    const std::vector<int> expected = {6,  0, 1, 0, 1, 2, 0, 0,  //
                                       8,  0, 2, 0, 1, 2, 3, 4,  //
                                       12, 0, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(attributes, expected);
}

TEST(NetlinkMessages, NestAttributes) {
    NetlinkMessages messages;
    messages.begin(1, 0, AF_UNSPEC);
    messages.open(1);
    messages.open(2);
    messages.put_u8(3, 9);
    EXPECT_FALSE(messages.is_complete());
    messages.close();
    messages.close();
    messages.put_u8(4, 9);
    const std::vector<int> all = bytes_of(messages);
    const std::vector<int> attributes(all.begin() + 20, all.end());
    const std::vector<int> expected = {16, 0, 1, 0x80,              //
                                       12, 0, 2, 0x80,              //
                                       5,  0, 3, 0,    9, 0, 0, 0,  //
                                       5,  0, 4, 0,    9, 0, 0, 0};
    EXPECT_EQ(attributes, expected);
    EXPECT_TRUE(messages.is_complete());
}

TEST(NetlinkMessages, FollowEachOtherInABatch) {
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    messages.begin(1, 0, AF_UNSPEC);
    messages.put_u8(4, 9);
    messages.end_batch(NFNL_SUBSYS_NFTABLES);
    const std::vector<int> all = bytes_of(messages);
    ASSERT_EQ(all.size(), 20U + 28U + 20U);
    EXPECT_EQ(all[0], 20);
    EXPECT_EQ(all[4], NFNL_MSG_BATCH_BEGIN);
    EXPECT_EQ(all[19], NFNL_SUBSYS_NFTABLES);
    EXPECT_EQ(all[20], 28);
    EXPECT_EQ(all[48], 20);
    EXPECT_EQ(all[52], NFNL_MSG_BATCH_END);
}

TEST(NetlinkMessages, RememberThatSomethingDidNotFit) {
    NetlinkMessages messages;
    messages.begin(1, 0, AF_UNSPEC);
    const std::vector<std::byte> half(NetlinkMessages::capacity / 2);
    messages.put(1, half);
    EXPECT_TRUE(messages.is_complete());
    const std::size_t size = messages.bytes().size();
    messages.open(2);
    messages.put(1, half);
    messages.close();
    messages.put_u8(2, 1);
    EXPECT_FALSE(messages.is_complete());
    EXPECT_LE(messages.bytes().size(), size + NLA_HDRLEN);
}

TEST(NetlinkMessages, RefuseATextThatIsNoName) {
    NetlinkMessages messages;
    messages.begin(1, 0, AF_UNSPEC);
    messages.put_text(1, std::string(1000, 'a'));
    EXPECT_FALSE(messages.is_complete());
}

}  // namespace
}  // namespace owsk::net
