// SPDX-License-Identifier: MIT
// Addresses that people write are read, and what is none is not.
#include "base/address_text.h"

#include <gtest/gtest.h>

#include <string>

namespace owsk {
namespace {

class GoodAddress : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(AddressText,
                         GoodAddress,
                         testing::Values("0.0.0.0:0",
                                         "192.0.2.1:7",
                                         "255.255.255.255:65535",
                                         "[::]:1",
                                         "[::1]:1",
                                         "[1::]:1",
                                         "[2001:db8::1]:80",
                                         "[1:2:3:4:5:6:7:8]:80",
                                         "[fe80::1:0:0:1]:80",
                                         "[1::8]:80",
                                         "[::ffff:192.0.2.1]:80"));

TEST_P(GoodAddress, IsWrittenAsItWasRead) {
    const std::optional<Address> address = address_from_text(GetParam());
    ASSERT_TRUE(address);
    EXPECT_EQ(to_string(*address), GetParam());
}

TEST(AddressText, GroupsMayHaveZerosInFront) {
    EXPECT_EQ(ip_from_text("0001:0::00ab"), ip_from_text("1::ab"));
}

TEST(AddressText, TheLastGroupsMayBeWrittenAsIpv4) {
    EXPECT_EQ(ip_from_text("1:2:3:4:5:6:1.2.3.4"), ip_from_text("1:2:3:4:5:6:102:304"));
    EXPECT_EQ(ip_from_text("64:ff9b::192.0.2.1"), ip_from_text("64:ff9b::c000:201"));
}

class BadAddress : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(AddressText,
                         BadAddress,
                         testing::Values("",
                                         "1",
                                         "1.2.3",
                                         "1.2.3.4.5",
                                         "1.2.3.4.",
                                         "1.2.3.256",
                                         "1.2.3.04",
                                         "1.2.3.-4",
                                         "1.2.3.+4",
                                         "1.2.3. 4",
                                         "a.b.c.d",
                                         ":",
                                         ":::",
                                         "1:",
                                         ":1",
                                         "::1:",
                                         "1::2::3",
                                         "1:2:3:4:5:6:7",
                                         "1:2:3:4:5:6:7:8:9",
                                         "1:2:3:4:5:6:7::8",
                                         "12345::",
                                         "::g",
                                         "::1.2.3",
                                         "1:2:3:4:5:6:7:1.2.3.4",
                                         "1.2.3.4::"));

TEST_P(BadAddress, IsNone) {
    EXPECT_FALSE(ip_from_text(GetParam()));
    EXPECT_FALSE(address_from_text(std::string(GetParam()) + ":80"));
    EXPECT_FALSE(address_from_text("[" + std::string(GetParam()) + "]:80"));
}

TEST(AddressText, PortsAreFrom0To65535) {
    EXPECT_EQ(port_from_text("0"), 0);
    EXPECT_EQ(port_from_text("65535"), 65535);
    for (const char* bad : {"", "65536", "-1", "+1", "7x", " 7", "0x7", "99999999999"}) {
        EXPECT_FALSE(port_from_text(bad)) << bad;
    }
}

TEST(AddressText, BracketsAreForIpv6Alone) {
    EXPECT_FALSE(address_from_text("[1.2.3.4]:80"));
    EXPECT_FALSE(address_from_text("1::2:80"));
    EXPECT_FALSE(address_from_text("1.2.3.4"));
    EXPECT_FALSE(address_from_text("[::1]"));
}

}  // namespace
}  // namespace owsk
