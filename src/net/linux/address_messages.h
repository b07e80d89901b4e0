// SPDX-License-Identifier: MIT
// What rtnetlink says of the addresses of this computer.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <span>
#include <vector>

namespace owsk::net {

// Appends the addresses of `family` that a datagram of the kernel tells, but not loopback ones, nor
// those that may still turn out to be another computer's. Whether more datagrams follow.
bool read_addresses(std::span<const std::byte> datagram,
                    Family family,
                    std::vector<Address>& addresses) noexcept;

}  // namespace owsk::net
