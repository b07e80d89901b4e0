// SPDX-License-Identifier: MIT
// The blocks of a pcapng file (draft-ietf-opsawg-pcapng), as bytes. All numbers are little-endian,
// whatever machine writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace owsk::net {

// Begins a file. `application` says who has written it.
std::vector<std::byte> pcapng_section_header(std::string_view application);

// Announces an interface; packets name it by its place, beginning with 0. What it sees begins with
// an IP header, and times are in nanoseconds.
std::vector<std::byte> pcapng_interface(std::string_view name);

// A packet that was seen whole. Without a comment if that is empty.
// Precondition: the time is not before the beginning.
std::vector<std::byte> pcapng_packet(std::uint32_t interface,
                                     Instant time,
                                     std::span<const std::byte> packet,
                                     std::string_view comment);

}  // namespace owsk::net
