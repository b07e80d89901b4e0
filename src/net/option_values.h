// SPDX-License-Identifier: MIT
// The options of a connection, and OptionValues: those that somebody has set. A value that was
// never set is the transport's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace owsk::net {

enum class SocketOption : std::uint8_t {
    no_delay,
    keep_alive,
    receive_buffer,
    send_buffer,
    keep_alive_idle,      // in seconds: silence before the first probe
    keep_alive_interval,  // in seconds: from one probe to the next
    keep_alive_count,     // probes without an answer that end the connection
    // In seconds: how long bytes may stay unacknowledged; 0: as the transport sees fit.
    retransmission_limit,
};
inline constexpr std::size_t socket_option_count = 8;

// Of SocketOption::retransmission_limit: for ever.
inline constexpr std::uint32_t no_retransmission_limit = 0xFFFFFFFF;

class OptionValues {
  public:
    void remember(SocketOption option, std::uint32_t value) noexcept {
        values_[static_cast<std::size_t>(option)] = value;
    }
    std::optional<std::uint32_t> value(SocketOption option) const noexcept {
        return values_[static_cast<std::size_t>(option)];
    }

    // Calls set(option, value) for each that was set.
    template <typename Set>
    void for_each(Set&& set) const {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (values_[i].has_value()) {
                set(static_cast<SocketOption>(i), *values_[i]);
            }
        }
    }

  private:
    std::array<std::optional<std::uint32_t>, socket_option_count> values_;
};

}  // namespace owsk::net
