// SPDX-License-Identifier: MIT
// Packet: what travels through the simulated network, a TCP segment, a UDP datagram or one of two
// ICMP errors. Numbers are those of the headers (RFC 9293, RFC 768), in host byte order.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace owsk::net {

// The control bits of a TCP segment, with their values in the header.
enum class Control : std::uint8_t {
    fin = 0x01,
    syn = 0x02,
    rst = 0x04,
    psh = 0x08,
    ack = 0x10,
    urg = 0x20,
    ece = 0x40,
    cwr = 0x80,
};

class Controls {
  public:
    constexpr Controls() noexcept = default;
    constexpr Controls(Control control) noexcept : bits_(static_cast<std::uint8_t>(control)) {}
    static constexpr Controls from_bits(std::uint8_t bits) noexcept {
        Controls controls;
        controls.bits_ = bits;
        return controls;
    }

    constexpr bool has(Control control) const noexcept {
        return (bits_ & static_cast<std::uint8_t>(control)) != 0;
    }
    constexpr std::uint8_t bits() const noexcept { return bits_; }
    constexpr bool operator==(const Controls&) const = default;
    friend constexpr Controls operator|(Controls a, Controls b) noexcept {
        return from_bits(a.bits_ | b.bits_);
    }

  private:
    std::uint8_t bits_ = 0;
};

constexpr Controls operator|(Control a, Control b) noexcept {
    return Controls(a) | Controls(b);
}

struct TcpSegment {
    Address source = {};
    Address destination = {};
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    Controls controls = {};
    std::uint16_t window = 0;  // as in the header, before scaling
    std::optional<std::uint16_t> maximum_segment_size = {};
    std::optional<std::uint8_t> window_scale = {};
    std::string payload = {};

    bool has(Control control) const noexcept { return controls.has(control); }
    // How many sequence numbers it occupies: SEG.LEN.
    std::uint32_t length() const noexcept {
        return static_cast<std::uint32_t>(payload.size()) + (has(Control::syn) ? 1 : 0) +
               (has(Control::fin) ? 1 : 0);
    }
};

// What a computer writes into the header of the Internet protocol unless it is told otherwise.
inline constexpr std::uint8_t default_hop_limit = 64;

struct UdpDatagram {
    Address source = {};
    Address destination = {};
    std::string payload = {};
    std::uint8_t hop_limit = default_hop_limit;
    std::uint8_t traffic_class = 0;
    bool may_be_fragmented = true;
};

// Destination Unreachable: nobody has the port that a datagram was for (RFC 792, RFC 4443).
struct IcmpError {
    Address source = {};  // both without a port
    Address destination = {};
    UdpDatagram datagram = {};

    std::uint8_t type() const noexcept { return source.family == Family::ipv4 ? 3 : 1; }
    std::uint8_t code() const noexcept { return source.family == Family::ipv4 ? 3 : 4; }
};

// Fragmentation Needed (RFC 1191) or Packet Too Big (RFC 8201): what the way carries.
struct TooBig {
    Address source = {};  // both without a port
    Address destination = {};
    std::size_t mtu = 0;
    std::variant<TcpSegment, UdpDatagram> packet = {};
};

using Packet = std::variant<TcpSegment, UdpDatagram, IcmpError, TooBig>;

const Address& source_of(const Packet& packet) noexcept;
const Address& destination_of(const Packet& packet) noexcept;

// The header of the Internet protocol, without options and extensions.
constexpr std::size_t ip_header_size(Family family) noexcept {
    return family == Family::ipv4 ? 20 : 40;
}
inline constexpr std::size_t tcp_header_size = 20;
inline constexpr std::size_t udp_header_size = 8;
inline constexpr std::size_t icmp_header_size = 8;
// How much an ICMP error has of the packet that it is about, whose first bytes these are: all that
// fits into a packet that gets everywhere.
std::size_t quoted_size(const IcmpError& error) noexcept;
std::size_t quoted_size(const TooBig& error) noexcept;
// What it has of that packet behind the headers.
std::string_view quoted_payload(const IcmpError& error) noexcept;
// The options of a segment, filled up to a multiple of four bytes.
std::size_t options_size(const TcpSegment& segment) noexcept;
// All of it, from the header of the Internet protocol on.
std::size_t size_of(const Packet& packet) noexcept;

// "SYN|ACK", "none".
std::string to_string(Controls controls);
// For people: "192.0.2.1:7 > 192.0.2.2:5000: PSH|ACK seq 1 ack 1 window 512 length 5".
std::string to_string(const Packet& packet);

}  // namespace owsk::net
