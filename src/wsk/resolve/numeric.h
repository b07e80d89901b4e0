// SPDX-License-Identifier: MIT
// Addresses and ports that are written as numbers: nobody has to be asked about them.
#pragma once

#include <openwsk/address.h>

#include <cstdint>
#include <optional>
#include <string>

namespace owsk::wsk {

// "192.0.2.1", what inet_addr of Windows takes besides ("192.0.513"), "2001:db8::1", or "fe80::1%2"
// with the number of an interface.
std::optional<Address> numeric_host(const std::string& text) noexcept;
// Whether it is an IPv6 address with the name of an interface, "fe80::1%eth0".
bool has_named_scope(const std::string& text) noexcept;
// "80". Nothing for what is no number, or none of a port.
std::optional<std::uint16_t> numeric_service(const std::string& text) noexcept;

// The address without its port, as Windows writes it.
std::string numeric_text(const Address& address);

}  // namespace owsk::wsk
