// SPDX-License-Identifier: MIT
// Where Linux counts in another way. It keeps twice the buffer size that is set, for its own
// bookkeeping, and shows the double; we give back the half, so that an option reads as it was
// written.
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
        case SocketOption::keep_alive_idle:
            return {IPPROTO_TCP, TCP_KEEPIDLE};
        case SocketOption::keep_alive_interval:
            return {IPPROTO_TCP, TCP_KEEPINTVL};
        case SocketOption::keep_alive_count:
            return {IPPROTO_TCP, TCP_KEEPCNT};
        case SocketOption::retransmission_limit:
            return {IPPROTO_TCP, TCP_USER_TIMEOUT};
        case SocketOption::fast_open:
            return {IPPROTO_TCP, TCP_FASTOPEN};
    }
    OWSK_ASSERT(false);
}

// MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT of the kernel, which refuses more.
constexpr std::uint32_t keep_alive_seconds_max = 32767;
constexpr std::uint32_t keep_alive_count_max = 127;
constexpr std::uint32_t milliseconds = 1000;
// How many clients of a listener may be in the middle of a handshake whose SYN had bytes.
constexpr int fast_open_queue = 256;

// As Linux counts. What is more than it can do becomes the most that it can.
int to_linux(SocketOption option, std::uint32_t value) noexcept {
    switch (option) {
        case SocketOption::receive_buffer:
        case SocketOption::send_buffer:
            return static_cast<int>(std::min<std::uint32_t>(value, INT_MAX / 2));
        case SocketOption::keep_alive_idle:
        case SocketOption::keep_alive_interval:
            return static_cast<int>(std::min(value, keep_alive_seconds_max));
        case SocketOption::keep_alive_count:
            return static_cast<int>(std::min(value, keep_alive_count_max));
        case SocketOption::retransmission_limit:
            // For ever is 24 days.
            return value > INT_MAX / milliseconds ? INT_MAX
                                                  : static_cast<int>(value * milliseconds);
        case SocketOption::fast_open:
            return value != 0 ? fast_open_queue : 0;
        case SocketOption::no_delay:
        case SocketOption::keep_alive:
            break;
    }
    return value != 0 ? 1 : 0;
}

std::uint32_t from_linux(SocketOption option, int value) noexcept {
    const auto number = static_cast<std::uint32_t>(value);
    switch (option) {
        case SocketOption::receive_buffer:
        case SocketOption::send_buffer:
            return number / 2;
        case SocketOption::retransmission_limit:
            return value == INT_MAX ? no_retransmission_limit : number / milliseconds;
        case SocketOption::fast_open:
            return value != 0 ? 1 : 0;
        default:
            return number;
    }
}

}  // namespace

Result<std::uint32_t> get_socket_option(int fd, SocketOption option) noexcept {
    const auto [level, name] = linux_option(option);
    int value = 0;
    socklen_t length = sizeof value;
    if (::getsockopt(fd, level, name, &value, &length) != 0) {
        return status_from_errno(errno);
    }
    return from_linux(option, value);
}

NTSTATUS set_socket_option(int fd, SocketOption option, std::uint32_t value) noexcept {
    const auto [level, name] = linux_option(option);
    const int number = to_linux(option, value);
    if (::setsockopt(fd, level, name, &number, sizeof number) != 0) {
        return status_from_errno(errno);
    }
    return STATUS_SUCCESS;
}

void set_socket_options(int fd, const OptionValues& values) noexcept {
    values.for_each([&](SocketOption option, std::uint32_t value) {
        static_cast<void>(set_socket_option(fd, option, value));
    });
}

void reset_on_close(int fd) noexcept {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace owsk::net
