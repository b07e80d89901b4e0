// SPDX-License-Identifier: MIT
// Neighbour: the host on a link of this one that has brought a packet, its sender or the last
// router on the way.
#pragma once

#include <array>
#include <cstdint>

namespace owsk::net {

struct Neighbour {
    std::uint32_t interface = 0;  // 0: unknown
    // Its address on that link, empty where links have none.
    std::uint16_t address_length = 0;
    std::array<std::uint8_t, 8> address = {};

    // Linux gives the loopback interface this number in every network namespace.
    bool is_this_machine() const noexcept { return interface == 1; }
    bool operator==(const Neighbour&) const = default;
};

}  // namespace owsk::net
