// SPDX-License-Identifier: MIT
// The names that Windows and net have for the same options.
#include "wsk/socket/options.h"

namespace owsk::wsk {

std::optional<net::SocketOption> transport_option(ULONG level, ULONG option) noexcept {
    if (level == IPPROTO_TCP && option == TCP_NODELAY) {
        return net::SocketOption::no_delay;
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

}  // namespace owsk::wsk
