// SPDX-License-Identifier: MIT
// What is written here can be read by read_script().
#include "net/script/wording.h"

#include <array>
#include <utility>

namespace owsk::net::script {

namespace {

// In the order in which people write them.
constexpr std::array<std::pair<std::string_view, Control>, 8> names = {{
    {"SYN", Control::syn},
    {"FIN", Control::fin},
    {"RST", Control::rst},
    {"PSH", Control::psh},
    {"ACK", Control::ack},
    {"URG", Control::urg},
    {"ECE", Control::ece},
    {"CWR", Control::cwr},
}};

std::optional<Control> control_named(std::string_view text) noexcept {
    for (const auto& [name, control] : names) {
        if (name == text) {
            return control;
        }
    }
    return {};
}

constexpr std::array<std::pair<std::string_view, Duration>, 5> units = {{
    {"min", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"us", std::chrono::microseconds(1)},
    {"ns", std::chrono::nanoseconds(1)},
}};

std::string escaped(char one) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(one);
    switch (one) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        case '"':
        case '\\':
            return std::string("\\") + one;
        default:
            break;
    }
    if (value >= 0x20 && value < 0x7f) {
        return std::string(1, one);
    }
    return std::string("\\x") + digits[value >> 4] + digits[value & 0xf];
}

}  // namespace

std::string controls_text(Controls controls) {
    std::string text;
    for (const auto& [name, control] : names) {
        if (controls.has(control)) {
            text += (text.empty() ? "" : ",") + std::string(name);
        }
    }
    return text.empty() ? "none" : text;
}

std::optional<Controls> controls_from_text(std::string_view text) noexcept {
    if (text == "none") {
        return Controls();
    }
    Controls controls;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        const std::optional<Control> control = control_named(text.substr(0, comma));
        if (!control) {
            return {};
        }
        controls = controls | *control;
        more = comma != std::string_view::npos;
        text.remove_prefix(more ? comma + 1 : text.size());
    }
    return controls;
}

std::string duration_text(Duration duration) {
    if (duration == Duration::zero()) {
        return "0s";
    }
    for (const auto& [name, unit] : units) {
        if (duration % unit == Duration::zero()) {
            return std::to_string(duration / unit) + std::string(name);
        }
    }
    return {};
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char one : text) {
        result += escaped(one);
    }
    return result + '"';
}

std::string payload_text(std::string_view payload) {
    constexpr std::size_t longest = 60;
    return payload.size() <= longest ? quoted(payload) : std::to_string(payload.size()) + " bytes";
}

std::string sample_octets(std::size_t count) {
    std::string octets(count, 'a');
    for (std::size_t i = 0; i < count; ++i) {
        octets[i] = static_cast<char>('a' + i % 26);
    }
    return octets;
}

std::string segment_text(const TcpSegment& segment,
                         std::uint32_t initial_sequence,
                         std::uint32_t initial_acknowledgment) {
    std::string text = controls_text(segment.controls);
    if (!segment.payload.empty()) {
        text += " data " + payload_text(segment.payload);
    }
    text += " seq " + std::to_string(relative(segment.sequence, initial_sequence));
    if (segment.has(Control::ack)) {
        text += " ack " + std::to_string(relative(segment.acknowledgment, initial_acknowledgment));
    }
    text += " window " + std::to_string(segment.window);
    if (segment.maximum_segment_size) {
        text += " mss " + std::to_string(*segment.maximum_segment_size);
    }
    if (segment.window_scale) {
        text += " scale " + std::to_string(*segment.window_scale);
    }
    return text;
}

}  // namespace owsk::net::script
