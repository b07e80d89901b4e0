// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <ip2string.h>
#include <ntstatus.h>

#include <cstring>
#include <ostream>
#include <vector>

#include "unit/nt/rtl/network_port.h"
#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

in_addr address_of(UCHAR a, UCHAR b, UCHAR c, UCHAR d) {
    const UCHAR octets[] = {a, b, c, d};
    in_addr address;
    std::memcpy(&address, octets, sizeof address);
    return address;
}

bool same(const in_addr& left, const in_addr& right) {
    return std::memcmp(&left, &right, sizeof left) == 0;
}

TEST(Ipv4AddressToString, ReturnsThePlaceOfTheNul) {
    const in_addr address = address_of(192, 168, 0, 255);
    char narrow[16];
    EXPECT_EQ(RtlIpv4AddressToStringA(&address, narrow), narrow + 13);
    EXPECT_STREQ(narrow, "192.168.0.255");
    WCHAR wide[16];
    EXPECT_EQ(RtlIpv4AddressToStringW(&address, wide), wide + 13);
    EXPECT_EQ(utf8(wide), "192.168.0.255");
}

TEST(Ipv4AddressToStringEx, WritesThePortUnlessItIsZero) {
    const in_addr address = address_of(10, 0, 0, 1);
    char narrow[32];
    ULONG length = sizeof narrow;
    EXPECT_EQ(RtlIpv4AddressToStringExA(&address, network_port(8080), narrow, &length),
              STATUS_SUCCESS);
    EXPECT_STREQ(narrow, "10.0.0.1:8080");
    EXPECT_EQ(length, 14U);
    WCHAR wide[32];
    length = 32;
    EXPECT_EQ(RtlIpv4AddressToStringExW(&address, 0, wide, &length), STATUS_SUCCESS);
    EXPECT_EQ(utf8(wide), "10.0.0.1");
    EXPECT_EQ(length, 9U);
}

TEST(Ipv4AddressToStringEx, SaysHowMuchRoomItNeeds) {
    const in_addr address = address_of(10, 0, 0, 1);
    char text[9] = "x";
    ULONG length = 8;
    EXPECT_EQ(RtlIpv4AddressToStringExA(&address, 0, text, &length), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(length, 9U);
    EXPECT_EQ(text[0], 'x');
    EXPECT_EQ(RtlIpv4AddressToStringExA(&address, 0, text, &length), STATUS_SUCCESS);
    EXPECT_EQ(RtlIpv4AddressToStringExA(nullptr, 0, text, &length), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlIpv4AddressToStringExA(&address, 0, nullptr, &length), STATUS_INVALID_PARAMETER);
}

struct Parsed {
    const char* text;
    bool strict;
    NTSTATUS status;
    std::size_t terminator;  // an index in the text
    in_addr address;
};
std::ostream& operator<<(std::ostream& out, const Parsed& parsed) {
    return out << '"' << parsed.text << (parsed.strict ? "\" strict" : "\"");
}

const Parsed parsed[] = {
    {"1.2.3.4", true, STATUS_SUCCESS, 7, address_of(1, 2, 3, 4)},
    {"255.255.255.255", true, STATUS_SUCCESS, 15, address_of(255, 255, 255, 255)},
    {"1.2.3.4:80", true, STATUS_SUCCESS, 7, address_of(1, 2, 3, 4)},
    {"1.2.3.4.5", true, STATUS_SUCCESS, 7, address_of(1, 2, 3, 4)},
    {"1.2.3.4x", false, STATUS_SUCCESS, 7, address_of(1, 2, 3, 4)},
    {"1.2.3", true, STATUS_INVALID_PARAMETER, 5, {}},
    {"1.2.3", false, STATUS_SUCCESS, 5, address_of(1, 2, 0, 3)},
    {"1.65535", false, STATUS_SUCCESS, 7, address_of(1, 0, 255, 255)},
    {"16909060", false, STATUS_SUCCESS, 8, address_of(1, 2, 3, 4)},
    {"0x7f.1", false, STATUS_SUCCESS, 6, address_of(127, 0, 0, 1)},
    {"010.0.0.010", false, STATUS_SUCCESS, 11, address_of(8, 0, 0, 8)},
    {"0x1.2.3.4", true, STATUS_INVALID_PARAMETER, 2, {}},
    {"01.2.3.4", true, STATUS_INVALID_PARAMETER, 1, {}},
    {"0.0.0.0", true, STATUS_SUCCESS, 7, address_of(0, 0, 0, 0)},
    {"256.1.1.1", true, STATUS_INVALID_PARAMETER, 9, {}},
    {"1.2.3.256", false, STATUS_INVALID_PARAMETER, 9, {}},
    {"1.2.65536", false, STATUS_INVALID_PARAMETER, 9, {}},
    {"4294967296", false, STATUS_INVALID_PARAMETER, 9, {}},
    {"", false, STATUS_INVALID_PARAMETER, 0, {}},
    {".1.2.3", false, STATUS_INVALID_PARAMETER, 0, {}},
    {"1..2.3", true, STATUS_INVALID_PARAMETER, 2, {}},
    {"1.2.3.", true, STATUS_INVALID_PARAMETER, 6, {}},
    {"host", false, STATUS_INVALID_PARAMETER, 0, {}},
    {"0x", false, STATUS_INVALID_PARAMETER, 2, {}},
    {"09.1.1.1", false, STATUS_INVALID_PARAMETER, 1, {}},
};

class Ipv4StringToAddress : public testing::TestWithParam<Parsed> {};

TEST_P(Ipv4StringToAddress, ReadsAsFarAsItMakesSense) {
    const Parsed& expected = GetParam();
    in_addr address = {};
    PCSTR terminator = nullptr;
    EXPECT_EQ(RtlIpv4StringToAddressA(expected.text, expected.strict, &terminator, &address),
              expected.status);
    EXPECT_EQ(terminator, expected.text + expected.terminator);
    EXPECT_TRUE(same(address, expected.address));
}

TEST_P(Ipv4StringToAddress, ReadsWideTextLikeNarrowText) {
    const Parsed& expected = GetParam();
    std::vector<WCHAR> text = to_utf16(expected.text);
    text.push_back(0);
    in_addr address = {};
    PCWSTR terminator = nullptr;
    EXPECT_EQ(RtlIpv4StringToAddressW(text.data(), expected.strict, &terminator, &address),
              expected.status);
    EXPECT_EQ(terminator, text.data() + expected.terminator);
    EXPECT_TRUE(same(address, expected.address));
}

INSTANTIATE_TEST_SUITE_P(Addresses, Ipv4StringToAddress, testing::ValuesIn(parsed));

TEST(Ipv4StringToAddressEx, ReadsThePortInAnyBase) {
    in_addr address = {};
    USHORT port = 1;
    EXPECT_EQ(RtlIpv4StringToAddressExA("1.2.3.4:80", TRUE, &address, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, network_port(80));
    EXPECT_TRUE(same(address, address_of(1, 2, 3, 4)));
    EXPECT_EQ(RtlIpv4StringToAddressExW(L"1.2.3.4:0x1F90", TRUE, &address, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, network_port(8080));
    EXPECT_EQ(RtlIpv4StringToAddressExA("1.2.3.4", TRUE, &address, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, 0);
}

TEST(Ipv4StringToAddressEx, RefusesWhatIsNotAWholeAddress) {
    for (const char* text :
         {"1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:80x", "1.2.3.4x", "x"}) {
        in_addr address = {};
        USHORT port = 0;
        EXPECT_EQ(RtlIpv4StringToAddressExA(text, TRUE, &address, &port), STATUS_INVALID_PARAMETER)
            << text;
    }
    in_addr address = {};
    EXPECT_EQ(RtlIpv4StringToAddressExA("1.2.3.4", TRUE, &address, nullptr),
              STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::nt::rtl
