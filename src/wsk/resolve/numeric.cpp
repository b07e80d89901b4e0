// SPDX-License-Identifier: MIT
// By the functions that drivers have for it.
#include "wsk/resolve/numeric.h"

#include <ip2string.h>
#include <wdm.h>
#include <wsk.h>

#include <charconv>
#include <cstring>
#include <string_view>

#include "base/address_text.h"

namespace owsk::wsk {

namespace {

std::optional<Address> ipv4_of(const std::string& text) noexcept {
    IN_ADDR in = {};
    PCSTR end = nullptr;
    if (!NT_SUCCESS(RtlIpv4StringToAddressA(text.c_str(), FALSE, &end, &in)) || *end != '\0') {
        return std::nullopt;
    }
    Address address = {.family = Family::ipv4};
    std::memcpy(address.ip.data(), &in, sizeof in);
    return address;
}

std::optional<Address> ipv6_of(const std::string& text) noexcept {
    IN6_ADDR in6 = {};
    PCSTR end = nullptr;
    if (!NT_SUCCESS(RtlIpv6StringToAddressA(text.c_str(), &end, &in6)) || *end != '\0') {
        return std::nullopt;
    }
    Address address = {.family = Family::ipv6};
    std::memcpy(address.ip.data(), &in6, sizeof in6);
    return address;
}

std::optional<std::uint32_t> number_of(std::string_view text) noexcept {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

}  // namespace

std::optional<Address> numeric_host(const std::string& text) noexcept {
    const std::size_t percent = text.find('%');
    if (percent == std::string::npos) {
        const std::optional<Address> ipv4 = ipv4_of(text);
        return ipv4 ? ipv4 : ipv6_of(text);
    }
    std::optional<Address> address = ipv6_of(text.substr(0, percent));
    const std::optional<std::uint32_t> scope =
        number_of(std::string_view(text).substr(percent + 1));
    if (!address || !scope) {
        return std::nullopt;
    }
    address->scope_id = *scope;
    return address;
}

bool has_named_scope(const std::string& text) noexcept {
    const std::size_t percent = text.find('%');
    return percent != std::string::npos && percent + 1 < text.size() &&
           ipv6_of(text.substr(0, percent)) &&
           !number_of(std::string_view(text).substr(percent + 1));
}

std::optional<std::uint16_t> numeric_service(const std::string& text) noexcept {
    return port_from_text(text);
}

std::string numeric_text(const Address& address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address.family == Family::ipv4) {
        IN_ADDR in;
        std::memcpy(&in, address.ip.data(), sizeof in);
        RtlIpv4AddressToStringA(&in, text);
        return text;
    }
    IN6_ADDR in6;
    std::memcpy(&in6, address.ip.data(), sizeof in6);
    RtlIpv6AddressToStringA(&in6, text);
    return address.scope_id == 0 ? text : text + ('%' + std::to_string(address.scope_id));
}

}  // namespace owsk::wsk
