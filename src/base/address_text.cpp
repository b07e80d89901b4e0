// SPDX-License-Identifier: MIT
// IPv6 is read group by group; where "::" stands, the groups behind it move to the end.
#include "base/address_text.h"

#include <algorithm>
#include <charconv>

namespace owsk {

namespace {

constexpr std::size_t ipv6_octets = 16;

// A number with neither sign nor anything else beside it.
std::optional<unsigned> number(std::string_view text, int base, unsigned largest) noexcept {
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || error != std::errc() || stopped != end || value > largest) {
        return {};
    }
    return value;
}

std::optional<std::uint8_t> octet(std::string_view text) noexcept {
    if (text.size() > 3 || (text.size() > 1 && text.front() == '0')) {
        return {};
    }
    const std::optional<unsigned> value = number(text, 10, 255);
    return value ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

bool read_ipv4(std::string_view text, std::uint8_t* octets) noexcept {
    for (int i = 0; i < 4; ++i) {
        const std::size_t dot = text.find('.');
        const bool is_last = i == 3;
        if (is_last != (dot == std::string_view::npos)) {
            return false;
        }
        const std::optional<std::uint8_t> value = octet(text.substr(0, dot));
        if (!value) {
            return false;
        }
        octets[i] = *value;
        text.remove_prefix(is_last ? text.size() : dot + 1);
    }
    return true;
}

// The groups of an IPv6 address as far as they are read.
struct Groups {
    std::array<std::uint8_t, ipv6_octets> octets = {};
    std::size_t used = 0;
    std::optional<std::size_t> gap = {};  // where "::" stands

    bool append(std::string_view group) noexcept {
        const std::optional<unsigned> value = number(group, 16, 0xffff);
        if (!value || group.size() > 4 || used + 2 > ipv6_octets) {
            return false;
        }
        octets[used++] = static_cast<std::uint8_t>(*value >> 8);
        octets[used++] = static_cast<std::uint8_t>(*value & 0xff);
        return true;
    }

    bool append_ipv4(std::string_view text) noexcept {
        if (used + 4 > ipv6_octets || !read_ipv4(text, &octets[used])) {
            return false;
        }
        used += 4;
        return true;
    }

    bool close_gap() noexcept {
        if (!gap) {
            return used == ipv6_octets;
        }
        const auto at = [this](std::size_t place) {
            return octets.begin() + static_cast<std::ptrdiff_t>(place);
        };
        std::rotate(at(*gap), at(used), octets.end());
        return used < ipv6_octets;  // "::" stands for one group at least
    }
};

bool read_ipv6(std::string_view text, std::array<std::uint8_t, ipv6_octets>& octets) noexcept {
    Groups groups;
    if (text.starts_with("::")) {
        groups.gap = 0;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (colon == std::string_view::npos) {
            const bool is_ipv4 = group.find('.') != std::string_view::npos;
            if (!(is_ipv4 ? groups.append_ipv4(group) : groups.append(group))) {
                return false;
            }
            break;
        }
        if (!groups.append(group)) {
            return false;
        }
        text.remove_prefix(colon + 1);
        if (text.starts_with(':')) {
            if (groups.gap) {
                return false;
            }
            groups.gap = groups.used;
            text.remove_prefix(1);
        } else if (text.empty()) {
            return false;  // it ended with a single colon
        }
    }
    const bool complete = groups.close_gap();
    octets = groups.octets;
    return complete;
}

}  // namespace

std::optional<Address> ip_from_text(std::string_view text) noexcept {
    Address address;
    if (read_ipv4(text, address.ip.data())) {
        return address;
    }
    address.ip = {};
    address.family = Family::ipv6;
    return read_ipv6(text, address.ip) ? std::optional(address) : std::nullopt;
}

std::optional<std::uint16_t> port_from_text(std::string_view text) noexcept {
    const std::optional<unsigned> port = number(text, 10, 0xffff);
    return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::optional<Address> address_from_text(std::string_view text) noexcept {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return {};
    }
    std::string_view ip = text.substr(0, colon);
    const bool in_brackets = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
    if (in_brackets) {
        ip = ip.substr(1, ip.size() - 2);
    }
    std::optional<Address> address = ip_from_text(ip);
    const std::optional<std::uint16_t> port = port_from_text(text.substr(colon + 1));
    if (!address || !port || in_brackets != (address->family == Family::ipv6)) {
        return {};
    }
    address->port = *port;
    return address;
}

}  // namespace owsk
