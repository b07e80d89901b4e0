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
    fast_open,  // 0 or 1: bytes may travel in the SYN (RFC 7413); before the handshake
};
inline constexpr std::size_t socket_option_count = 9;

// Of SocketOption::retransmission_limit: for ever.
inline constexpr std::uint32_t no_retransmission_limit = 0xFFFFFFFF;

class OptionValues {
  public:
    void remember(SocketOption option, std::uint32_t value) noexcept {
        values_[static_cast<std::size_t>(option)] = value;
        set_ = static_cast<std::uint16_t>(set_ | bit_of(option));
    }
    bool empty() const noexcept { return set_ == 0; }
    std::optional<std::uint32_t> value(SocketOption option) const noexcept {
        return (set_ & bit_of(option)) != 0
                   ? std::optional(values_[static_cast<std::size_t>(option)])
                   : std::nullopt;
    }

    // Calls set(option, value) for each that was set.
    template <typename Set>
    void for_each(Set&& set) const {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const auto option = static_cast<SocketOption>(i);
            if ((set_ & bit_of(option)) != 0) {
                set(option, values_[i]);
            }
        }
    }

  private:
    static_assert(socket_option_count <= 16);
    static constexpr unsigned bit_of(SocketOption option) noexcept {
        return 1U << static_cast<unsigned>(option);
    }

    // Not an optional for each: every connection has one of these.
    std::array<std::uint32_t, socket_option_count> values_ = {};
    std::uint16_t set_ = 0;
};

}  // namespace owsk::net
