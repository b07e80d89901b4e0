// SPDX-License-Identifier: MIT
// How things are written in scripts, and so in reports about them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/sim/packet.h"

namespace owsk::net::script {

// "SYN,ACK"; "none" for none. None if a name is not one of those in control_names.
std::string controls_text(Controls controls);
std::optional<Controls> controls_from_text(std::string_view text) noexcept;
inline constexpr std::string_view control_names = "SYN, ACK, FIN, RST, PSH, URG, ECE and CWR";

// "1500ms", in the largest unit without a rest.
std::string duration_text(Duration duration);

// With quotes, and escapes for what cannot be printed: \n \r \t \" \\ and \x7f.
std::string quoted(std::string_view text);
// The same, or "1460 bytes" if it is long.
std::string payload_text(std::string_view payload);

// "abc...zabc...", so many octets.
std::string sample_octets(std::size_t count);

// A segment as a script would expect it, after the initial sequence numbers of both sides:
// "PSH,ACK data "hello" seq 1 ack 1 window 65535".
std::string segment_text(const TcpSegment& segment,
                         std::uint32_t initial_sequence,
                         std::uint32_t initial_acknowledgment);

// The sequence number counted from the initial one; those before it are negative.
constexpr std::int64_t relative(std::uint32_t number, std::uint32_t initial) noexcept {
    return static_cast<std::int32_t>(number - initial);
}

}  // namespace owsk::net::script
