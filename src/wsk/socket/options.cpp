// SPDX-License-Identifier: MIT
// The names that Windows and net have for the same options.
#include "wsk/socket/options.h"

namespace owsk::wsk {

namespace {

constexpr ULONG keep_alive_count_max = 255;
constexpr ULONG maximum_int = 0x7FFFFFFF;

std::optional<net::SocketOption> tcp_option(ULONG option) noexcept {
    switch (option) {
        case TCP_NODELAY:
            return net::SocketOption::no_delay;
        case TCP_KEEPIDLE:
            return net::SocketOption::keep_alive_idle;
        case TCP_KEEPINTVL:
            return net::SocketOption::keep_alive_interval;
        case TCP_KEEPCNT:
            return net::SocketOption::keep_alive_count;
        case TCP_MAXRT:
            return net::SocketOption::retransmission_limit;
        case TCP_FASTOPEN:
            return net::SocketOption::fast_open;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<net::SocketOption> transport_option(ULONG level, ULONG option) noexcept {
    if (level == IPPROTO_TCP) {
        return tcp_option(option);
    }
    if (level != SOL_SOCKET) {
        return std::nullopt;
    }
    switch (option) {
        case SO_KEEPALIVE:
            return net::SocketOption::keep_alive;
        case SO_RCVBUF:
            return net::SocketOption::receive_buffer;
        case SO_SNDBUF:
            return net::SocketOption::send_buffer;
        default:
            return std::nullopt;
    }
}

bool may_be(net::SocketOption option, ULONG value) noexcept {
    switch (option) {
        case net::SocketOption::keep_alive_idle:
        case net::SocketOption::keep_alive_interval:
            return value != 0;
        case net::SocketOption::keep_alive_count:
            return value != 0 && value <= keep_alive_count_max;
        case net::SocketOption::retransmission_limit:
            // A signed number of seconds, or -1.
            return value <= maximum_int || value == net::no_retransmission_limit;
        default:
            return true;
    }
}

}  // namespace owsk::wsk
