// SPDX-License-Identifier: MIT
// Durations, sizes, rates and shares as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wskrun {

using Duration = std::chrono::nanoseconds;

// "20ms", "1.5s". Nothing: it is none.
std::optional<Duration> parse_duration(std::string_view text);
inline constexpr const char* durations_allowed =
    "a number with ns, us, ms, s, m or h, such as \"20ms\"";

// "64KiB", "1000B"; in bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
inline constexpr const char* sizes_allowed =
    "a number with B, kB, MB, GB, KiB, MiB or GiB, such as \"64KiB\"";

// "10MB/s", "100Mbit/s"; in bits per second.
std::optional<std::uint64_t> parse_rate(std::string_view text);
inline constexpr const char* rates_allowed =
    "a number with B/s, kB/s, MB/s, GB/s, kbit/s, Mbit/s or Gbit/s, such as \"10MB/s\"";

// "5%"; from 0 to 1 if it is a possible one.
std::optional<double> parse_share(std::string_view text);
inline constexpr const char* shares_allowed = "a number from 0 to 1, or from \"0%\" to \"100%\"";

// "1.5s": exact, without zeros at the end.
std::string show(Duration duration);

// In quotes, with escapes for what cannot be seen; long ones are cut.
std::string show_bytes(std::string_view bytes);

}  // namespace wskrun
