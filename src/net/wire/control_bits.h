// SPDX-License-Identifier: MIT
// ControlBits: the flags of a TCP segment, by the names of RFC 9293.
#pragma once

#include <cstdint>

namespace owsk::net {

struct ControlBits {
    bool urg = false;
    bool ack = false;
    bool psh = false;
    bool rst = false;
    bool syn = false;
    bool fin = false;

    bool operator==(const ControlBits&) const = default;
};

// Those of the octet in the header. The two bits of RFC 3168 are passed over.
constexpr ControlBits control_bits(std::uint8_t bits) noexcept {
    return {.urg = (bits & 0x20) != 0,
            .ack = (bits & 0x10) != 0,
            .psh = (bits & 0x08) != 0,
            .rst = (bits & 0x04) != 0,
            .syn = (bits & 0x02) != 0,
            .fin = (bits & 0x01) != 0};
}

constexpr std::uint8_t bits_of(const ControlBits& control) noexcept {
    return static_cast<std::uint8_t>((control.urg ? 0x20 : 0) | (control.ack ? 0x10 : 0) |
                                     (control.psh ? 0x08 : 0) | (control.rst ? 0x04 : 0) |
                                     (control.syn ? 0x02 : 0) | (control.fin ? 0x01 : 0));
}

}  // namespace owsk::net
