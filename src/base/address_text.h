// SPDX-License-Identifier: MIT
// Addresses from what people write.
#pragma once

#include <openwsk/address.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace owsk {

// "192.0.2.1" or "2001:db8::1" (RFC 4291, 2.2): four decimal numbers without leading zeros, or
// IPv6 with the last four octets in either form. The port is 0.
std::optional<Address> ip_from_text(std::string_view text) noexcept;

// "7", from 0 to 65535.
std::optional<std::uint16_t> port_from_text(std::string_view text) noexcept;

// "192.0.2.1:7" or "[2001:db8::1]:7".
std::optional<Address> address_from_text(std::string_view text) noexcept;

}  // namespace owsk
