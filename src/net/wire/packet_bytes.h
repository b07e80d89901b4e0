// SPDX-License-Identifier: MIT
// Whole packets as bytes, with options and checksums, as they stand on a wire below Ethernet.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/wire/control_bits.h"

namespace owsk::net {

struct TcpHeader {
    Address source = {};
    Address destination = {};
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    ControlBits control = {};
    std::uint16_t window = 0;
    std::optional<std::uint16_t> maximum_segment_size = {};
    std::optional<std::uint8_t> window_scale = {};
};

// Precondition for both: both addresses are of one family, and IP can carry that much.
std::vector<std::byte> tcp_packet_bytes(const TcpHeader& header, std::span<const std::byte> text);
std::vector<std::byte> udp_packet_bytes(const Address& source,
                                        const Address& destination,
                                        std::span<const std::byte> data);

}  // namespace owsk::net
