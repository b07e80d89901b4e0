// SPDX-License-Identifier: MIT
// TCP and UDP headers behind an IP header.
#include "net/wire/packet_bytes.h"

#include <algorithm>

#include "net/wire/checksum.h"
#include "net/wire/ip_header.h"
#include "net/wire/octets.h"

namespace owsk::net {

namespace {

constexpr std::size_t tcp_fixed_length = 20;
constexpr std::size_t udp_header_length = 8;

// Kinds of TCP options.
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t maximum_segment_size = 2;
constexpr std::uint8_t window_scale = 3;

// Both come in groups of four octets, which is what "Data Offset" counts.
std::size_t options_length(const TcpHeader& header) noexcept {
    return (header.maximum_segment_size ? 4U : 0U) + (header.window_scale ? 4U : 0U);
}

void put_options(std::span<std::byte> options, const TcpHeader& header) noexcept {
    if (header.maximum_segment_size) {
        put8(options, 0, maximum_segment_size);
        put8(options, 1, 4);
        put16(options, 2, *header.maximum_segment_size);
        options = options.subspan(4);
    }
    if (header.window_scale) {
        put8(options, 0, no_operation);
        put8(options, 1, window_scale);
        put8(options, 2, 3);
        put8(options, 3, *header.window_scale);
    }
}

// A packet of zeros with its IP header and the bytes that it carries at its end.
std::vector<std::byte> begin_packet(const Address& source,
                                    const Address& destination,
                                    std::uint8_t protocol,
                                    std::size_t header_length,
                                    std::span<const std::byte> data) {
    const std::size_t content = header_length + data.size();
    std::vector<std::byte> packet(ip_header_length(source.family) + content);
    put_ip_header(packet, source, destination, protocol, content);
    std::copy_backward(data.begin(), data.end(), packet.end());
    return packet;
}

std::uint16_t checksum_of(std::span<const std::byte> packet,
                          Family family,
                          std::uint8_t protocol) noexcept {
    const std::span<const std::byte> content = packet.subspan(ip_header_length(family));
    return checksum(pseudo_header_sum(packet, family, protocol, content.size()) + sum_of(content));
}

}  // namespace

std::vector<std::byte> tcp_packet_bytes(const TcpHeader& header, std::span<const std::byte> text) {
    const Family family = header.source.family;
    const std::size_t length = tcp_fixed_length + options_length(header);
    std::vector<std::byte> packet =
        begin_packet(header.source, header.destination, protocol_tcp, length, text);
    const auto content = std::span(packet).subspan(ip_header_length(family));
    put16(content, 0, header.source.port);
    put16(content, 2, header.destination.port);
    put32(content, 4, header.sequence);
    put32(content, 8, header.acknowledgment);
    put8(content, 12, static_cast<std::uint8_t>(length / 4 << 4));
    put8(content, 13, bits_of(header.control));
    put16(content, 14, header.window);
    put_options(content.subspan(tcp_fixed_length), header);
    put16(content, 16, checksum_of(packet, family, protocol_tcp));
    return packet;
}

std::vector<std::byte> udp_packet_bytes(const Address& source,
                                        const Address& destination,
                                        std::span<const std::byte> data) {
    const Family family = source.family;
    std::vector<std::byte> packet =
        begin_packet(source, destination, protocol_udp, udp_header_length, data);
    const auto content = std::span(packet).subspan(ip_header_length(family));
    put16(content, 0, source.port);
    put16(content, 2, destination.port);
    put16(content, 4, static_cast<std::uint16_t>(content.size()));
    const std::uint16_t sum = checksum_of(packet, family, protocol_udp);
    put16(content, 6, sum == 0 ? std::uint16_t{0xffff} : sum);  // 0 would say: there is none
    return packet;
}

}  // namespace owsk::net
