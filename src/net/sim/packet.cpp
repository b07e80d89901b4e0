// SPDX-License-Identifier: MIT
// Sizes of packets, and how they are written.
#include "net/sim/packet.h"

#include <array>

namespace owsk::net {

const Address& source_of(const Packet& packet) noexcept {
    const auto* segment = std::get_if<TcpSegment>(&packet);
    return segment != nullptr ? segment->source : std::get_if<UdpDatagram>(&packet)->source;
}

const Address& destination_of(const Packet& packet) noexcept {
    const auto* segment = std::get_if<TcpSegment>(&packet);
    return segment != nullptr ? segment->destination
                              : std::get_if<UdpDatagram>(&packet)->destination;
}

std::size_t options_size(const TcpSegment& segment) noexcept {
    // The scale takes three bytes and one of padding.
    return (segment.maximum_segment_size.has_value() ? 4 : 0) +
           (segment.window_scale.has_value() ? 4 : 0);
}

std::size_t size_of(const Packet& packet) noexcept {
    if (const auto* segment = std::get_if<TcpSegment>(&packet)) {
        return ip_header_size(segment->source.family) + tcp_header_size + options_size(*segment) +
               segment->payload.size();
    }
    const auto& datagram = *std::get_if<UdpDatagram>(&packet);
    return ip_header_size(datagram.source.family) + udp_header_size + datagram.payload.size();
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
    const auto* segment = std::get_if<TcpSegment>(&packet);
    if (segment == nullptr) {
        return text + "UDP length " +
               std::to_string(std::get_if<UdpDatagram>(&packet)->payload.size());
    }
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
