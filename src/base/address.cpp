// SPDX-License-Identifier: MIT
// How an address is written (RFC 5952 for IPv6).
#include <openwsk/address.h>

#include <cstdio>

namespace owsk {

namespace {

struct ZeroRun {
    int first = -1;
    int length = 0;
};

// The longest run of at least two zero groups, the first one of equals.
ZeroRun longest_zero_run(const std::array<std::uint16_t, 8>& groups) {
    ZeroRun best;
    for (int first = 0; first < 8; ++first) {
        int end = first;
        while (end < 8 && groups[static_cast<std::size_t>(end)] == 0) {
            ++end;
        }
        if (end - first > best.length && end - first >= 2) {
            best = {first, end - first};
        }
    }
    return best;
}

std::string ipv4_text(const std::uint8_t* octets) {
    char text[16];
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
    return text;
}

bool is_v4_mapped(const std::array<std::uint8_t, 16>& ip) {
    for (std::size_t i = 0; i < 10; ++i) {
        if (ip[i] != 0) {
            return false;
        }
    }
    return ip[10] == 0xff && ip[11] == 0xff;
}

std::string ipv6_text(const std::array<std::uint8_t, 16>& ip) {
    if (is_v4_mapped(ip)) {
        return "::ffff:" + ipv4_text(&ip[12]);
    }
    std::array<std::uint16_t, 8> groups;
    for (std::size_t i = 0; i < 8; ++i) {
        groups[i] = static_cast<std::uint16_t>(ip[2 * i] << 8 | ip[2 * i + 1]);
    }
    const ZeroRun zeros = longest_zero_run(groups);
    std::string text;
    for (int i = 0; i < 8; ++i) {
        if (i == zeros.first) {
            text += "::";
            i += zeros.length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') {
            text += ':';
        }
        char group[5];
        std::snprintf(group, sizeof group, "%x", groups[static_cast<std::size_t>(i)]);
        text += group;
    }
    return text;
}

}  // namespace

std::string to_string(const Address& address) {
    const std::string port = std::to_string(address.port);
    if (address.family == Family::ipv4) {
        return ipv4_text(address.ip.data()) + ':' + port;
    }
    const std::string scope = address.scope_id != 0 ? '%' + std::to_string(address.scope_id) : "";
    return '[' + ipv6_text(address.ip) + scope + "]:" + port;
}

}  // namespace owsk
