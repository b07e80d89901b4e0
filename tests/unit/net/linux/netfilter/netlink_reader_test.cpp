// SPDX-License-Identifier: MIT
// What was built is read back; what is cut or lies about its length is not read at all.
#include "net/linux/netfilter/netlink_reader.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <vector>

#include "net/linux/netfilter/netlink_message.h"

namespace owsk::net {
namespace {

class NetlinkReader : public testing::Test {
  protected:
    NetlinkReader() {
        built_.begin(5, 0, AF_UNSPEC);
        built_.put_u8(1, 0x11);
        built_.open(2);
        built_.put_be32(3, 0x33);
        built_.close();
        built_.begin(6, 0, AF_UNSPEC);
    }

    std::span<const std::byte> bytes() { return built_.bytes(); }

    NetlinkMessages built_;
};

TEST_F(NetlinkReader, TakesMessagesAndAttributesInOrder) {
    std::span<const std::byte> rest = bytes();
    const auto first = take_message(rest);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->type, 5);
    std::span<const std::byte> attributes = nfnetlink_attributes(*first);
    const auto number = take_attribute(attributes);
    ASSERT_TRUE(number);
    EXPECT_EQ(number->type, 1);
    EXPECT_EQ(read_value<std::uint8_t>(number->value), 0x11);
    EXPECT_FALSE(read_value<std::uint16_t>(number->value));
    const auto nest = take_attribute(attributes);
    ASSERT_TRUE(nest);
    EXPECT_EQ(nest->type, 2) << "without the mark of a nest";
    std::span<const std::byte> nested = nest->value;
    EXPECT_EQ(take_attribute(nested)->type, 3);
    EXPECT_FALSE(take_attribute(nested));
    EXPECT_FALSE(take_attribute(attributes));
    EXPECT_EQ(take_message(rest)->type, 6);
    EXPECT_FALSE(take_message(rest));
}

TEST_F(NetlinkReader, ReadsNoCutMessage) {
    const std::size_t first_length = bytes().size() - 20;
    for (std::size_t length = 0; length < first_length; ++length) {
        std::span<const std::byte> rest = bytes().first(length);
        EXPECT_FALSE(take_message(rest)) << length;
        EXPECT_EQ(rest.size(), length);
    }
}

TEST_F(NetlinkReader, ReadsNoCutAttribute) {
    for (std::size_t length = 0; length < 5; ++length) {
        std::span<const std::byte> rest = bytes().subspan(20, length);
        EXPECT_FALSE(take_attribute(rest)) << length;
    }
}

// A length below that of its own header would be read forever.
TEST(NetlinkReaderLengths, ThatAreTooShortEndTheReading) {
    for (int length = 0; length < NLMSG_HDRLEN; ++length) {
        std::vector<std::byte> message(64);
        message[0] = static_cast<std::byte>(length);
        std::span<const std::byte> rest = message;
        EXPECT_FALSE(take_message(rest));
    }
    for (int length = 0; length < NLA_HDRLEN; ++length) {
        std::vector<std::byte> attribute(64);
        attribute[0] = static_cast<std::byte>(length);
        std::span<const std::byte> rest = attribute;
        EXPECT_FALSE(take_attribute(rest));
    }
}

TEST(NetlinkReaderLengths, TakeAMessageWithoutTheHeaderOfNfnetlinkForEmpty) {
    EXPECT_TRUE(nfnetlink_attributes({.type = 1, .sequence = 0, .body = {}}).empty());
}

}  // namespace
}  // namespace owsk::net
