// SPDX-License-Identifier: MIT
// The kernel handles a request inside the system call that sends it. So all answers wait in the
// socket when that returns, and nothing here has to wait.
#include "net/linux/netfilter/netlink_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <optional>
#include <utility>
#include <vector>

#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

// Larger than any datagram with which nfnetlink answers.
constexpr std::size_t answer_bytes_max = 32768;

const sockaddr* kernel_address(const sockaddr_nl& address) noexcept {
    return reinterpret_cast<const sockaddr*>(&address);
}

// What the acknowledgement says: 0 or an errno.
int acknowledged_error(const NetlinkMessage& message) noexcept {
    const auto error = read_value<nlmsgerr>(message.body);
    return error ? -error->error : EPROTO;
}

// The next datagram of the kernel, or none when nothing waits. `error` is set when it was lost.
std::optional<std::span<const std::byte>> receive(int fd,
                                                  std::span<std::byte> buffer,
                                                  int& error) noexcept {
    while (true) {
        sockaddr_nl sender = {};
        iovec piece = {.iov_base = buffer.data(), .iov_len = buffer.size()};
        msghdr message = {};
        message.msg_name = &sender;
        message.msg_namelen = sizeof sender;
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        const ssize_t length = ::recvmsg(fd, &message, MSG_DONTWAIT);
        if (length < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno != EAGAIN && errno != EWOULDBLOCK) {
                error = errno;
            }
            return std::nullopt;
        }
        // Other processes may write to this socket, too.
        if (sender.nl_pid != 0) {
            continue;
        }
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            error = EMSGSIZE;
        }
        return buffer.first(static_cast<std::size_t>(length));
    }
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open() noexcept {
    host::UniqueFd fd(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
    if (!fd) {
        return status_from_errno(errno);
    }
    sockaddr_nl address = {};
    address.nl_family = AF_NETLINK;
    if (::bind(fd.get(), kernel_address(address), sizeof address) != 0) {
        return status_from_errno(errno);
    }
    // Acknowledgements then do not repeat the request. Kernels that cannot do so repeat it.
    const int on = 1;
    ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    return NetlinkSocket(std::move(fd));
}

int NetlinkSocket::send(NetlinkMessages& messages) noexcept {
    if (!messages.is_complete()) {
        return EMSGSIZE;
    }
    sockaddr_nl kernel = {};
    kernel.nl_family = AF_NETLINK;
    const std::span<const std::byte> bytes = messages.bytes();
    while (true) {
        const ssize_t sent = ::sendto(
            fd_.get(), bytes.data(), bytes.size(), 0, kernel_address(kernel), sizeof kernel);
        if (sent >= 0) {
            return 0;
        }
        if (errno != EINTR) {
            return errno;
        }
    }
}

int NetlinkSocket::request(NetlinkMessages& messages, const Answer& answer) noexcept {
    stamp(messages.bytes());
    if (const int error = send(messages); error != 0) {
        return error;
    }
    std::vector<std::byte> buffer(answer_bytes_max);
    bool acknowledged = false;
    int first_error = 0;
    int lost = 0;
    while (const auto datagram = receive(fd_.get(), buffer, lost)) {
        std::span<const std::byte> rest = *datagram;
        while (const auto message = take_message(rest)) {
            if (message->type == NLMSG_ERROR) {
                acknowledged = true;
                first_error = first_error != 0 ? first_error : acknowledged_error(*message);
            } else if (answer) {
                answer(*message);
            }
        }
    }
    if (first_error != 0) {
        return first_error;
    }
    if (lost != 0) {
        return lost;
    }
    return acknowledged ? 0 : EPROTO;
}

void NetlinkSocket::stamp(std::span<std::byte> messages) noexcept {
    // The kernel ignores the numbers; people who trace the socket do not.
    while (const auto header = read_value<nlmsghdr>(messages)) {
        ++sequence_;
        std::memcpy(messages.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence_, sizeof sequence_);
        messages = messages.subspan(NLMSG_ALIGN(header->nlmsg_len));
    }
}

}  // namespace owsk::net
