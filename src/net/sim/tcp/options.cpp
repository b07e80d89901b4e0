// SPDX-License-Identifier: MIT
// Options by their names in net/network.h.
#include "net/sim/tcp/options.h"

#include <algorithm>

namespace owsk::net {

namespace {

// Linux has a limit as well; this one keeps sums of sizes in 32 bits.
constexpr std::uint32_t buffer_max = 1U << 29;

std::uint32_t buffer_size(std::uint32_t value) noexcept {
    return std::clamp<std::uint32_t>(value, 1, buffer_max);
}

}  // namespace

TcpOptions TcpOptions::from(const OptionValues& values) noexcept {
    TcpOptions options;
    values.for_each([&](SocketOption option, std::uint32_t value) { options.set(option, value); });
    return options;
}

std::uint32_t TcpOptions::get(SocketOption option) const noexcept {
    switch (option) {
        case SocketOption::no_delay:
            return no_delay ? 1 : 0;
        case SocketOption::keep_alive:
            return keep_alive ? 1 : 0;
        case SocketOption::receive_buffer:
            return receive_buffer;
        case SocketOption::send_buffer:
            return send_buffer;
        case SocketOption::keep_alive_idle:
            return keep_alive_idle;
        case SocketOption::keep_alive_interval:
            return keep_alive_interval;
        case SocketOption::keep_alive_count:
            return keep_alive_count;
        case SocketOption::retransmission_limit:
            return retransmission_limit;
        case SocketOption::fast_open:
            return fast_open ? 1 : 0;
    }
    return 0;
}

void TcpOptions::set(SocketOption option, std::uint32_t value) noexcept {
    switch (option) {
        case SocketOption::no_delay:
            no_delay = value != 0;
            break;
        case SocketOption::keep_alive:
            keep_alive = value != 0;
            break;
        case SocketOption::receive_buffer:
            receive_buffer = buffer_size(value);
            break;
        case SocketOption::send_buffer:
            send_buffer = buffer_size(value);
            break;
        case SocketOption::keep_alive_idle:
            keep_alive_idle = value;
            break;
        case SocketOption::keep_alive_interval:
            keep_alive_interval = value;
            break;
        case SocketOption::keep_alive_count:
            keep_alive_count = value;
            break;
        case SocketOption::retransmission_limit:
            retransmission_limit = value;
            break;
        case SocketOption::fast_open:
            fast_open = value != 0;
            break;
    }
}

}  // namespace owsk::net
