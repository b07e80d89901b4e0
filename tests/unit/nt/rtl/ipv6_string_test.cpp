// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <ip2string.h>
#include <ntstatus.h>

#include <array>
#include <cstring>
#include <ostream>
#include <vector>

#include "unit/nt/rtl/network_port.h"
#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

using Groups = std::array<USHORT, 8>;

in6_addr address_of(const Groups& groups) {
    UCHAR octets[16];
    for (std::size_t i = 0; i < 8; ++i) {
        octets[2 * i] = static_cast<UCHAR>(groups[i] >> 8);
        octets[2 * i + 1] = static_cast<UCHAR>(groups[i]);
    }
    in6_addr address;
    std::memcpy(&address, octets, sizeof address);
    return address;
}

struct Written {
    Groups groups;
    const char* text;
};
std::ostream& operator<<(std::ostream& out, const Written& written) {
    return out << written.text;
}

const Written written[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0}, "::"},
    {{0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
    {{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}, "2001:db8::1"},
    {{0xfe80, 0, 0, 0, 0, 0, 0, 0}, "fe80::"},
    {{1, 2, 3, 4, 5, 6, 7, 8}, "1:2:3:4:5:6:7:8"},
    {{1, 0, 3, 4, 5, 6, 7, 8}, "1:0:3:4:5:6:7:8"},
    {{1, 0, 0, 4, 0, 0, 0, 8}, "1:0:0:4::8"},
    {{1, 0, 0, 4, 5, 0, 0, 8}, "1::4:5:0:0:8"},
    {{0, 0, 0, 0, 0, 0, 0x0102, 0x0304}, "::1.2.3.4"},
    {{0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304}, "::ffff:1.2.3.4"},
    {{0, 0, 0, 0, 0xffff, 0, 0x0102, 0x0304}, "::ffff:0:1.2.3.4"},
    {{0xfe80, 0, 0, 0, 0, 0x5efe, 0x0102, 0x0304}, "fe80::5efe:1.2.3.4"},
    {{0xfe80, 0, 0, 0, 0x200, 0x5efe, 0x0102, 0x0304}, "fe80::200:5efe:1.2.3.4"},
};

class Ipv6AddressToString : public testing::TestWithParam<Written> {};

TEST_P(Ipv6AddressToString, WritesTheShortForm) {
    const in6_addr address = address_of(GetParam().groups);
    char narrow[46];
    EXPECT_EQ(RtlIpv6AddressToStringA(&address, narrow), narrow + std::strlen(GetParam().text));
    EXPECT_STREQ(narrow, GetParam().text);
    WCHAR wide[46];
    EXPECT_EQ(RtlIpv6AddressToStringW(&address, wide), wide + std::strlen(GetParam().text));
    EXPECT_EQ(utf8(wide), GetParam().text);
}

TEST_P(Ipv6AddressToString, IsReadBackAsTheSameAddress) {
    const in6_addr address = address_of(GetParam().groups);
    in6_addr read = {};
    PCSTR terminator = nullptr;
    EXPECT_EQ(RtlIpv6StringToAddressA(GetParam().text, &terminator, &read), STATUS_SUCCESS);
    EXPECT_EQ(*terminator, 0);
    EXPECT_EQ(std::memcmp(&read, &address, sizeof read), 0);
}

INSTANTIATE_TEST_SUITE_P(Addresses, Ipv6AddressToString, testing::ValuesIn(written));

TEST(Ipv6AddressToStringEx, WritesScopeAndPort) {
    const in6_addr address = address_of({0xfe80, 0, 0, 0, 0, 0, 0, 1});
    struct {
        ULONG scope;
        USHORT port;
        const char* text;
    } const cases[] = {
        {0, 0, "fe80::1"},
        {3, 0, "fe80::1%3"},
        {0, network_port(443), "[fe80::1]:443"},
        {4294967295U, network_port(65535), "[fe80::1%4294967295]:65535"},
    };
    for (const auto& expected : cases) {
        char text[65];
        ULONG length = sizeof text;
        EXPECT_EQ(RtlIpv6AddressToStringExA(&address, expected.scope, expected.port, text, &length),
                  STATUS_SUCCESS);
        EXPECT_STREQ(text, expected.text);
        EXPECT_EQ(length, std::strlen(expected.text) + 1);
        WCHAR wide[65];
        EXPECT_EQ(RtlIpv6AddressToStringExW(&address, expected.scope, expected.port, wide, &length),
                  STATUS_SUCCESS);
        EXPECT_EQ(utf8(wide), expected.text);
    }
}

TEST(Ipv6AddressToStringEx, HasRoomForTheLongestAddress) {
    const in6_addr address =
        address_of({0xffff, 0xffff, 0xffff, 0xffff, 0, 0x5efe, 0xffff, 0xffff});
    char text[65];
    ULONG length = 1;
    EXPECT_EQ(RtlIpv6AddressToStringExA(&address, MAXULONG, 0xFFFF, text, &length),
              STATUS_INVALID_PARAMETER);
    EXPECT_LE(length, 65U);
    EXPECT_EQ(RtlIpv6AddressToStringExA(&address, MAXULONG, 0xFFFF, text, &length), STATUS_SUCCESS);
    EXPECT_STREQ(text, "[ffff:ffff:ffff:ffff:0:5efe:255.255.255.255%4294967295]:65535");
}

struct Parsed6 {
    const char* text;
    NTSTATUS status;
    std::size_t terminator;
    Groups groups;
};
std::ostream& operator<<(std::ostream& out, const Parsed6& parsed6) {
    return out << '"' << parsed6.text << '"';
}

const Parsed6 parsed6[] = {
    {"::", STATUS_SUCCESS, 2, {}},
    {"::1]:80", STATUS_SUCCESS, 3, {0, 0, 0, 0, 0, 0, 0, 1}},
    {"FE80::ABCD%5", STATUS_SUCCESS, 10, {0xfe80, 0, 0, 0, 0, 0, 0, 0xabcd}},
    {"1:2:3:4:5:6:7::", STATUS_SUCCESS, 15, {1, 2, 3, 4, 5, 6, 7, 0}},
    {"::2:3:4:5:6:7:8", STATUS_SUCCESS, 15, {0, 2, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6:7:8:9", STATUS_SUCCESS, 15, {1, 2, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6:1.2.3.4", STATUS_SUCCESS, 19, {1, 2, 3, 4, 5, 6, 0x102, 0x304}},
    {"1::1.2.3.4", STATUS_SUCCESS, 10, {1, 0, 0, 0, 0, 0, 0x102, 0x304}},
    {"1::2::3", STATUS_SUCCESS, 4, {1, 0, 0, 0, 0, 0, 0, 2}},
    {"::0x1", STATUS_SUCCESS, 3, {}},
    {"", STATUS_INVALID_PARAMETER, 0, {}},
    {":", STATUS_INVALID_PARAMETER, 1, {}},
    {":1", STATUS_INVALID_PARAMETER, 1, {}},
    {"1:2:3:4:5:6:7", STATUS_INVALID_PARAMETER, 13, {}},
    {"1:2:3:4:5:6:7:", STATUS_INVALID_PARAMETER, 14, {}},
    {"::1:", STATUS_INVALID_PARAMETER, 4, {}},
    {"::12345", STATUS_INVALID_PARAMETER, 6, {}},
    {"::1.2.3", STATUS_INVALID_PARAMETER, 7, {}},
    {"::1.2.3.256", STATUS_INVALID_PARAMETER, 11, {}},
    {"[::1]", STATUS_INVALID_PARAMETER, 0, {}},
    {"1.2.3.4", STATUS_INVALID_PARAMETER, 7, {}},
    {"g::", STATUS_INVALID_PARAMETER, 0, {}},
};

class Ipv6StringToAddress : public testing::TestWithParam<Parsed6> {};

TEST_P(Ipv6StringToAddress, ReadsAsFarAsItMakesSense) {
    const Parsed6& expected = GetParam();
    const in6_addr wanted = address_of(expected.groups);
    in6_addr address = {};
    PCSTR terminator = nullptr;
    EXPECT_EQ(RtlIpv6StringToAddressA(expected.text, &terminator, &address), expected.status);
    EXPECT_EQ(terminator, expected.text + expected.terminator);
    EXPECT_EQ(std::memcmp(&address, &wanted, sizeof address), 0);

    std::vector<WCHAR> wide = to_utf16(expected.text);
    wide.push_back(0);
    PCWSTR wide_terminator = nullptr;
    EXPECT_EQ(RtlIpv6StringToAddressW(wide.data(), &wide_terminator, &address), expected.status);
    EXPECT_EQ(wide_terminator, wide.data() + expected.terminator);
}

INSTANTIATE_TEST_SUITE_P(Addresses, Ipv6StringToAddress, testing::ValuesIn(parsed6));

TEST(Ipv6StringToAddressEx, ReadsScopeAndPort) {
    struct {
        const char* text;
        ULONG scope;
        USHORT port;
    } const cases[] = {
        {"fe80::1", 0, 0},
        {"fe80::1%12", 12, 0},
        {"[fe80::1]", 0, 0},
        {"[fe80::1%12]", 12, 0},
        {"[fe80::1%12]:443", 12, network_port(443)},
        {"[fe80::1]:0x50", 0, network_port(80)},
    };
    const in6_addr wanted = address_of({0xfe80, 0, 0, 0, 0, 0, 0, 1});
    for (const auto& expected : cases) {
        in6_addr address = {};
        ULONG scope = 99;
        USHORT port = 99;
        EXPECT_EQ(RtlIpv6StringToAddressExA(expected.text, &address, &scope, &port), STATUS_SUCCESS)
            << expected.text;
        EXPECT_EQ(std::memcmp(&address, &wanted, sizeof address), 0);
        EXPECT_EQ(scope, expected.scope) << expected.text;
        EXPECT_EQ(port, expected.port) << expected.text;
    }
}

TEST(Ipv6StringToAddressEx, RefusesWhatIsNotAWholeAddress) {
    for (const wchar_t* text : {L"[::1",
                                L"::1]",
                                L"[::1]:",
                                L"[::1]:0",
                                L"[::1]:65536",
                                L"::1:80x",
                                L"::1%",
                                L"::1%eth0",
                                L"[::1]x"}) {
        in6_addr address = {};
        ULONG scope = 0;
        USHORT port = 0;
        EXPECT_EQ(RtlIpv6StringToAddressExW(text, &address, &scope, &port),
                  STATUS_INVALID_PARAMETER)
            << utf8(text);
    }
}

}  // namespace
}  // namespace owsk::nt::rtl
