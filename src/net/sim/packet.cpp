// SPDX-License-Identifier: MIT
// Sizes of packets, and how they are written.
#include "net/sim/packet.h"

#include <algorithm>
#include <array>

namespace owsk::net {

namespace {

std::size_t quoted_at_most(Family family, std::size_t size) noexcept {
    const std::size_t packet_max = family == Family::ipv4 ? 576 : 1280;
    return std::min(size, packet_max - ip_header_size(family) - icmp_header_size);
}

}  // namespace

const Address& source_of(const Packet& packet) noexcept {
    return std::visit([](const auto& one) -> const Address& { return one.source; }, packet);
}

const Address& destination_of(const Packet& packet) noexcept {
    return std::visit([](const auto& one) -> const Address& { return one.destination; }, packet);
}

std::size_t options_size(const TcpSegment& segment) noexcept {
    // The scale takes three bytes and one of padding.
    return (segment.maximum_segment_size.has_value() ? 4 : 0) +
           (segment.window_scale.has_value() ? 4 : 0);
}

std::size_t quoted_size(const IcmpError& error) noexcept {
    return quoted_at_most(error.source.family, size_of(error.datagram));
}

std::size_t quoted_size(const TooBig& error) noexcept {
    const std::size_t size = std::visit([](const auto& one) { return size_of(one); }, error.packet);
    return quoted_at_most(error.source.family, size);
}

std::string_view quoted_payload(const IcmpError& error) noexcept {
    const std::size_t headers = ip_header_size(error.source.family) + udp_header_size;
    return std::string_view(error.datagram.payload).substr(0, quoted_size(error) - headers);
}

std::size_t size_of(const Packet& packet) noexcept {
    const std::size_t ip_header = ip_header_size(source_of(packet).family);
    if (const auto* segment = std::get_if<TcpSegment>(&packet)) {
        return ip_header + tcp_header_size + options_size(*segment) + segment->payload.size();
    }
    if (const auto* error = std::get_if<IcmpError>(&packet)) {
        return ip_header + icmp_header_size + quoted_size(*error);
    }
    if (const auto* error = std::get_if<TooBig>(&packet)) {
        return ip_header + icmp_header_size + quoted_size(*error);
    }
    return ip_header + udp_header_size + std::get_if<UdpDatagram>(&packet)->payload.size();
}

std::string to_string(Controls controls) {
    constexpr std::array<const char*, 8> names = {
        "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    std::string text;
    for (std::size_t bit = 0; bit < names.size(); ++bit) {
        if ((controls.bits() & (1U << bit)) != 0) {
            text += (text.empty() ? "" : "|") + std::string(names[bit]);
        }
    }
    return text.empty() ? "none" : text;
}

std::string to_string(const Packet& packet) {
    std::string text =
        to_string(source_of(packet)) + " > " + to_string(destination_of(packet)) + ": ";
    if (const auto* datagram = std::get_if<UdpDatagram>(&packet)) {
        return text + "UDP length " + std::to_string(datagram->payload.size());
    }
    if (const auto* error = std::get_if<IcmpError>(&packet)) {
        return text + "ICMP nobody has the port " + to_string(error->datagram.destination);
    }
    if (const auto* error = std::get_if<TooBig>(&packet)) {
        return text + "ICMP the way carries " + std::to_string(error->mtu);
    }
    const auto* segment = std::get_if<TcpSegment>(&packet);
    text += to_string(segment->controls) + " seq " + std::to_string(segment->sequence);
    if (segment->has(Control::ack)) {
        text += " ack " + std::to_string(segment->acknowledgment);
    }
    text += " window " + std::to_string(segment->window);
    if (segment->maximum_segment_size.has_value()) {
        text += " mss " + std::to_string(*segment->maximum_segment_size);
    }
    if (segment->window_scale.has_value()) {
        text += " scale " + std::to_string(*segment->window_scale);
    }
    return text + " length " + std::to_string(segment->payload.size());
}

}  // namespace owsk::net
