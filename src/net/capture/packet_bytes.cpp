// SPDX-License-Identifier: MIT
// TCP, UDP and ICMP headers behind an IP header.
#include "net/capture/packet_bytes.h"

#include <algorithm>
#include <span>

#include "net/wire/checksum.h"
#include "net/wire/ip_header.h"
#include "net/wire/octets.h"

namespace owsk::net {

namespace {

// Kinds of TCP options.
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t maximum_segment_size = 2;
constexpr std::uint8_t window_scale = 3;

// Both come in groups of four octets, which is what "Data Offset" counts.
void put_options(std::span<std::byte> options, const TcpSegment& segment) noexcept {
    if (segment.maximum_segment_size) {
        put8(options, 0, maximum_segment_size);
        put8(options, 1, 4);
        put16(options, 2, *segment.maximum_segment_size);
        options = options.subspan(4);
    }
    if (segment.window_scale) {
        put8(options, 0, no_operation);
        put8(options, 1, window_scale);
        put8(options, 2, 3);
        put8(options, 3, *segment.window_scale);
    }
}

// A packet with its IP header and its text, and zeros between them.
std::vector<std::byte> begin_packet(const Address& source,
                                    const Address& destination,
                                    std::uint8_t protocol,
                                    std::size_t header_size,
                                    const std::string& payload,
                                    const IpFields& fields = {}) {
    const std::size_t content = header_size + payload.size();
    std::vector<std::byte> packet(ip_header_length(source.family) + content);
    put_ip_header(packet, source, destination, protocol, content, fields);
    const auto text = std::as_bytes(std::span(payload));
    std::copy_backward(text.begin(), text.end(), packet.end());
    return packet;
}

std::uint16_t checksum_of(std::span<const std::byte> packet,
                          Family family,
                          std::uint8_t protocol) noexcept {
    const std::span<const std::byte> content = packet.subspan(ip_header_length(family));
    return checksum(pseudo_header_sum(packet, family, protocol, content.size()) + sum_of(content));
}

std::vector<std::byte> bytes_of(const TcpSegment& segment) {
    const Family family = segment.source.family;
    const std::size_t header = tcp_header_size + options_size(segment);
    std::vector<std::byte> packet =
        begin_packet(segment.source, segment.destination, protocol_tcp, header, segment.payload);
    const auto content = std::span(packet).subspan(ip_header_length(family));
    put16(content, 0, segment.source.port);
    put16(content, 2, segment.destination.port);
    put32(content, 4, segment.sequence);
    put32(content, 8, segment.acknowledgment);
    put8(content, 12, static_cast<std::uint8_t>(header / 4 << 4));
    put8(content, 13, segment.controls.bits());
    put16(content, 14, segment.window);
    put_options(content.subspan(tcp_header_size), segment);
    put16(content, 16, checksum_of(packet, family, protocol_tcp));
    return packet;
}

std::vector<std::byte> bytes_of(const UdpDatagram& datagram) {
    const Family family = datagram.source.family;
    const IpFields fields = {.hop_limit = datagram.hop_limit,
                             .traffic_class = datagram.traffic_class,
                             .may_be_fragmented = datagram.may_be_fragmented};
    std::vector<std::byte> packet = begin_packet(datagram.source,
                                                 datagram.destination,
                                                 protocol_udp,
                                                 udp_header_size,
                                                 datagram.payload,
                                                 fields);
    const auto content = std::span(packet).subspan(ip_header_length(family));
    put16(content, 0, datagram.source.port);
    put16(content, 2, datagram.destination.port);
    put16(content, 4, static_cast<std::uint16_t>(content.size()));
    const std::uint16_t sum = checksum_of(packet, family, protocol_udp);
    put16(content, 6, sum == 0 ? std::uint16_t{0xffff} : sum);  // 0 would say: there is none
    return packet;
}

// `error` with what it quotes; `about` is its last field, whose meaning depends on the kind.
template <class Error>
std::vector<std::byte> icmp_bytes(const Error& error,
                                  const std::vector<std::byte>& quoted,
                                  std::uint8_t type,
                                  std::uint8_t code,
                                  std::uint32_t about) {
    const bool ipv4 = error.source.family == Family::ipv4;
    const std::uint8_t protocol = ipv4 ? protocol_icmp : protocol_icmpv6;
    const std::string payload(reinterpret_cast<const char*>(quoted.data()), quoted_size(error));
    std::vector<std::byte> packet =
        begin_packet(error.source, error.destination, protocol, icmp_header_size, payload);
    const auto content = std::span(packet).subspan(ip_header_length(error.source.family));
    put8(content, 0, type);
    put8(content, 1, code);
    put32(content, 4, about);
    put16(
        content, 2, ipv4 ? checksum(sum_of(content)) : checksum_of(packet, Family::ipv6, protocol));
    return packet;
}

std::vector<std::byte> bytes_of(const IcmpError& error) {
    return icmp_bytes(error, bytes_of(error.datagram), error.type(), error.code(), 0);
}

std::vector<std::byte> bytes_of(const TooBig& error) {
    const bool ipv4 = error.source.family == Family::ipv4;
    return icmp_bytes(error,
                      std::visit([](const auto& one) { return bytes_of(one); }, error.packet),
                      ipv4 ? 3 : 2,
                      ipv4 ? 4 : 0,
                      static_cast<std::uint32_t>(error.mtu));
}

}  // namespace

std::vector<std::byte> packet_bytes(const Packet& packet) {
    return std::visit([](const auto& one) { return bytes_of(one); }, packet);
}

}  // namespace owsk::net
