// SPDX-License-Identifier: MIT
// IPv6 has several spellings; Windows shortens the first of the longest runs of zero groups, and
// writes an IPv4 address in dotted form where one is embedded.
#include "nt/rtl/ip_format.h"

#include "base/assert.h"

namespace owsk::nt::rtl {

namespace {

std::uint16_t group_at(const std::uint8_t* octets, int index) noexcept {
    return static_cast<std::uint16_t>(octets[2 * index] << 8 | octets[2 * index + 1]);
}

// IPv4-compatible, -mapped and -translated addresses; null if this is none of them.
const char* ipv4_prefix(const std::uint8_t* octets) noexcept {
    for (int i = 0; i < 4; ++i) {
        if (group_at(octets, i) != 0) {
            return nullptr;
        }
    }
    if (group_at(octets, 6) == 0) {
        return nullptr;
    }
    const std::uint16_t fourth = group_at(octets, 4);
    const std::uint16_t fifth = group_at(octets, 5);
    if (fourth == 0 && fifth == 0) {
        return "::";
    }
    if (fourth == 0 && fifth == 0xFFFF) {
        return "::ffff:";
    }
    return fourth == 0xFFFF && fifth == 0 ? "::ffff:0:" : nullptr;
}

// An ISATAP interface identifier ends with an IPv4 address, whatever the prefix.
bool is_isatap(const std::uint8_t* octets) noexcept {
    return (group_at(octets, 4) & 0xFDFF) == 0 && group_at(octets, 5) == 0x5EFE;
}

struct ZeroRun {
    int first = -1;
    int length = 1;
};

ZeroRun longest_zero_run(const std::uint8_t* octets, int groups) noexcept {
    ZeroRun best;
    for (int first = 0; first < groups; ++first) {
        int end = first;
        while (end < groups && group_at(octets, end) == 0) {
            ++end;
        }
        if (end - first > best.length) {
            best = {first, end - first};
        }
    }
    return best;
}

void put_groups(IpText& text, const std::uint8_t* octets, int groups) noexcept {
    const ZeroRun zeros = longest_zero_run(octets, groups);
    for (int i = 0; i < groups; ++i) {
        if (i == zeros.first) {
            text.put("::");
            i += zeros.length - 1;
            continue;
        }
        if (i != 0 && i != zeros.first + zeros.length) {
            text.put(':');
        }
        text.put_hexadecimal(group_at(octets, i));
    }
}

}  // namespace

void IpText::put(char unit) noexcept {
    OWSK_ASSERT(length_ < capacity);
    buffer_[length_++] = unit;
}

void IpText::put(const char* text) noexcept {
    for (; *text != 0; ++text) {
        put(*text);
    }
}

void IpText::put_decimal(std::uint32_t value) noexcept {
    if (value >= 10) {
        put_decimal(value / 10);
    }
    put(static_cast<char>('0' + value % 10));
}

void IpText::put_hexadecimal(std::uint32_t value) noexcept {
    if (value >= 16) {
        put_hexadecimal(value / 16);
    }
    put("0123456789abcdef"[value % 16]);
}

void put_ipv4(IpText& text, const std::uint8_t* octets) noexcept {
    for (int i = 0; i < 4; ++i) {
        if (i != 0) {
            text.put('.');
        }
        text.put_decimal(octets[i]);
    }
}

void put_ipv6(IpText& text, const std::uint8_t* octets) noexcept {
    if (const char* const prefix = ipv4_prefix(octets)) {
        text.put(prefix);
        put_ipv4(text, octets + 12);
        return;
    }
    if (!is_isatap(octets)) {
        put_groups(text, octets, 8);
        return;
    }
    put_groups(text, octets, 6);
    text.put(':');
    put_ipv4(text, octets + 12);
}

}  // namespace owsk::nt::rtl
