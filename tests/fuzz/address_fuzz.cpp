// SPDX-License-Identifier: MIT
// Whatever is written where an address belongs: our functions and those of Windows read it as the C
// library does, in both widths, and what they write they read again.
#include <ip2string.h>
#include <ntstatus.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address_text.h"
#include "base/assert.h"

// Of <arpa/inet.h>, whose structures have the names of those of Windows.
extern "C" int inet_pton(int family, const char* text, void* address) noexcept;
extern "C" int inet_aton(const char* text, void* address) noexcept;

namespace owsk {
namespace {

constexpr int linux_ipv4 = 2;
constexpr int linux_ipv6 = 10;

template <std::size_t Size>
using Octets = std::optional<std::array<std::uint8_t, Size>>;
using Ipv4 = Octets<4>;
using Ipv6 = Octets<16>;

// With the zero at its end: std::basic_string counts such letters by a function of the C library,
// whose are larger.
using Wide = std::vector<WCHAR>;

Wide widen(const std::string& text) {
    return {text.c_str(), text.c_str() + text.size() + 1};
}

template <std::size_t Size>
Octets<Size> by_c_library(int family, const std::string& text) {
    std::array<std::uint8_t, Size> octets;
    return inet_pton(family, text.c_str(), octets.data()) == 1 ? Octets<Size>(octets)
                                                               : std::nullopt;
}

// By a function of Windows: how it ended, where it stopped, and what it stored.
template <typename Structure>
struct Reading {
    NTSTATUS status = STATUS_SUCCESS;
    std::size_t length = 0;
    Structure address = {};

    bool operator==(const Reading& other) const {
        return status == other.status && length == other.length &&
               std::memcmp(&address, &other.address, sizeof address) == 0;
    }
    template <std::size_t Size>
    Octets<Size> whole(const std::string& text) const {
        static_assert(Size == sizeof address);
        std::array<std::uint8_t, Size> octets;
        std::memcpy(octets.data(), &address, Size);
        return NT_SUCCESS(status) && length == text.size() ? Octets<Size>(octets) : std::nullopt;
    }
};

template <typename Structure, typename Char, typename Read>
Reading<Structure> read(const Char* text, std::size_t length, Read function) {
    Reading<Structure> reading;
    const Char* end = nullptr;
    reading.status = function(text, &end, &reading.address);
    OWSK_ASSERT(end >= text && end <= text + length);
    reading.length = static_cast<std::size_t>(end - text);
    return reading;
}

Reading<in_addr> read_ipv4(const std::string& text, const Wide& wide, bool strict) {
    const auto by_narrow = [strict](PCSTR from, PCSTR* end, in_addr* to) {
        return RtlIpv4StringToAddressA(from, strict, end, to);
    };
    const auto by_wide = [strict](PCWSTR from, PCWSTR* end, in_addr* to) {
        return RtlIpv4StringToAddressW(from, strict, end, to);
    };
    const auto reading = read<in_addr>(text.c_str(), text.size(), by_narrow);
    OWSK_ASSERT(reading == read<in_addr>(wide.data(), text.size(), by_wide));
    return reading;
}

Reading<in6_addr> read_ipv6(const std::string& text, const Wide& wide) {
    const auto reading = read<in6_addr>(text.c_str(), text.size(), RtlIpv6StringToAddressA);
    OWSK_ASSERT(reading == read<in6_addr>(wide.data(), text.size(), RtlIpv6StringToAddressW));
    return reading;
}

void check_ours(const std::string& text, const Ipv4& ipv4, const Ipv6& ipv6) {
    const std::optional<Address> ours = ip_from_text(text);
    OWSK_ASSERT(ours.has_value() == (ipv4 || ipv6));
    if (ours) {
        const auto octets = ours->ip.begin();
        OWSK_ASSERT((ours->family == Family::ipv4) == ipv4.has_value());
        OWSK_ASSERT(ipv4 ? std::equal(ipv4->begin(), ipv4->end(), octets)
                         : std::equal(ipv6->begin(), ipv6->end(), octets));
    }
    if (const std::optional<Address> address = address_from_text(text)) {
        OWSK_ASSERT(address_from_text(to_string(*address)) == address);
    }
}

// Numbers in other bases and addresses of less than four parts. inet_aton ends at a space, too.
void check_loose(const std::string& text, const Wide& wide) {
    if (std::any_of(text.begin(), text.end(), [](char unit) { return unit <= ' '; })) {
        return;
    }
    std::array<std::uint8_t, 4> octets;
    const Ipv4 expected = inet_aton(text.c_str(), octets.data()) != 0 ? Ipv4(octets) : std::nullopt;
    OWSK_ASSERT(read_ipv4(text, wide, false).whole<4>(text) == expected);
}

void check_text(const std::string& text) {
    const Wide wide = widen(text);
    const Ipv4 ipv4 = by_c_library<4>(linux_ipv4, text);
    const Ipv6 ipv6 = by_c_library<16>(linux_ipv6, text);
    OWSK_ASSERT(read_ipv4(text, wide, true).whole<4>(text) == ipv4);
    OWSK_ASSERT(read_ipv6(text, wide).whole<16>(text) == ipv6);
    check_ours(text, ipv4, ipv6);
    check_loose(text, wide);
}

// Written by Windows' functions, with everything around the address, and read by them.
void check_written(const in6_addr& address, ULONG scope, USHORT port) {
    char text[65];  // INET6_ADDRSTRLEN
    ULONG length = sizeof text;
    OWSK_ASSERT(RtlIpv6AddressToStringExA(&address, scope, port, text, &length) == STATUS_SUCCESS);
    OWSK_ASSERT(length == std::strlen(text) + 1);
    in6_addr again;
    ULONG scope_again = 0;
    USHORT port_again = 0;
    OWSK_ASSERT(RtlIpv6StringToAddressExA(text, &again, &scope_again, &port_again) ==
                STATUS_SUCCESS);
    OWSK_ASSERT(std::memcmp(&again, &address, sizeof again) == 0);
    OWSK_ASSERT(scope_again == scope && port_again == port);
    // One less is too little, and says so.
    ULONG room = length - 1;
    OWSK_ASSERT(RtlIpv6AddressToStringExA(&address, scope, port, text, &room) ==
                STATUS_INVALID_PARAMETER);
    OWSK_ASSERT(room == length);
}

void check(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string text(bytes.substr(0, bytes.find('\0')));
    if (std::all_of(text.begin(), text.end(), [](char unit) { return unit > 0; })) {
        check_text(text);
    }
    struct {
        in6_addr address;
        ULONG scope;
        USHORT port;
    } written;
    if (size >= sizeof written) {
        std::memcpy(&written, data, sizeof written);
        check_written(written.address, written.scope, written.port);
    }
}

}  // namespace
}  // namespace owsk

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::check(data, size);
    return 0;
}
