// SPDX-License-Identifier: MIT
// Linux keeps twice the buffer size that is set, for its own bookkeeping, and shows the double. We
// give back the half, so that an option reads as it was written.
#include "net/linux/socket_options.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>

#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

struct LinuxOption {
    int level;
    int name;
};

LinuxOption linux_option(SocketOption option) noexcept {
    switch (option) {
        case SocketOption::no_delay:
            return {IPPROTO_TCP, TCP_NODELAY};
        case SocketOption::keep_alive:
            return {SOL_SOCKET, SO_KEEPALIVE};
        case SocketOption::receive_buffer:
            return {SOL_SOCKET, SO_RCVBUF};
        case SocketOption::send_buffer:
            return {SOL_SOCKET, SO_SNDBUF};
    }
    OWSK_ASSERT(false);
}

bool is_buffer_size(SocketOption option) noexcept {
    return option == SocketOption::receive_buffer || option == SocketOption::send_buffer;
}

}  // namespace

Result<std::uint32_t> get_socket_option(int fd, SocketOption option) noexcept {
    const auto [level, name] = linux_option(option);
    int value = 0;
    socklen_t length = sizeof value;
    if (::getsockopt(fd, level, name, &value, &length) != 0) {
        return status_from_errno(errno);
    }
    return static_cast<std::uint32_t>(is_buffer_size(option) ? value / 2 : value);
}

NTSTATUS set_socket_option(int fd, SocketOption option, std::uint32_t value) noexcept {
    const auto [level, name] = linux_option(option);
    const int number = static_cast<int>(std::min<std::uint32_t>(value, INT_MAX / 2));
    if (::setsockopt(fd, level, name, &number, sizeof number) != 0) {
        return status_from_errno(errno);
    }
    return STATUS_SUCCESS;
}

void reset_on_close(int fd) noexcept {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace owsk::net
