// SPDX-License-Identifier: MIT
// The fixed part of the header, the options, the data.
#include "both_tcps/segment_reader.h"

#include "net/wire/ip_header.h"
#include "net/wire/octets.h"

namespace owsk::both_tcps {

namespace {

constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t maximum_segment_size = 2;
constexpr std::uint8_t window_scale = 3;

void read_options(std::span<const std::byte> options, net::TcpSegment& segment) {
    while (!options.empty() && net::get8(options, 0) != end_of_options) {
        const std::uint8_t kind = net::get8(options, 0);
        if (kind == no_operation) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || net::get8(options, 1) < 2 ||
            net::get8(options, 1) > options.size()) {
            return;
        }
        const std::size_t length = net::get8(options, 1);
        if (kind == maximum_segment_size && length == 4) {
            segment.maximum_segment_size = net::get16(options, 2);
        } else if (kind == window_scale && length == 3) {
            segment.window_scale = net::get8(options, 2);
        }
        options = options.subspan(length);
    }
}

}  // namespace

std::optional<net::TcpSegment> read_segment(std::span<const std::byte> packet) {
    const std::optional<net::IpContent> content = net::parse_ip(packet, net::protocol_tcp);
    if (!content || content->source.family != Family::ipv4 ||
        content->seen.size() < net::tcp_header_size) {
        return std::nullopt;
    }
    const std::span<const std::byte> bytes = content->seen;
    const std::size_t header = std::size_t{net::get8(bytes, 12)} / 16 * 4;
    if (header < net::tcp_header_size || header > bytes.size()) {
        return std::nullopt;
    }
    net::TcpSegment segment = {.source = content->source,
                               .destination = content->destination,
                               .sequence = net::get32(bytes, 4),
                               .acknowledgment = net::get32(bytes, 8),
                               .controls = net::Controls::from_bits(net::get8(bytes, 13)),
                               .window = net::get16(bytes, 14)};
    segment.source.port = net::get16(bytes, 0);
    segment.destination.port = net::get16(bytes, 2);
    read_options(bytes.subspan(net::tcp_header_size, header - net::tcp_header_size), segment);
    const std::span<const std::byte> data = bytes.subspan(header);
    segment.payload.assign(reinterpret_cast<const char*>(data.data()), data.size());
    return segment;
}

}  // namespace owsk::both_tcps
