// SPDX-License-Identifier: MIT
// Making a listening socket, and taking connections from it.
#include "net/linux/listening_socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "host/linux/memory_reserve.h"
#include "host/linux/system_call.h"
#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

bool is_exhaustion(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Errors of the one connection that was about to be accepted, as accept(2) lists them.
bool is_of_one_connection(int error) noexcept {
    switch (error) {
        case EINTR:
        case ECONNABORTED:
        case EPERM:
        case EPROTO:
        case ENOPROTOOPT:
        case ENETDOWN:
        case ENETUNREACH:
        case ENONET:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ETIMEDOUT:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<ListeningSocket> ListeningSocket::bind(const Address& address,
                                              const ListenOptions& options) noexcept {
    Result<BoundSocket> bound = bind_socket(address, options.v6_only, options.share_port);
    if (!bound) {
        return bound.status();
    }
    return ListeningSocket(std::move(*bound));
}

NTSTATUS ListeningSocket::listen() const noexcept {
    return ::listen(fd_.get(), SOMAXCONN) == 0 ? STATUS_SUCCESS : status_from_errno(errno);
}

// accept4(2) makes a socket before it looks whether a connection waits: to hear from it that none
// does takes ten times as long as to ask.
bool ListeningSocket::has_waiting() const noexcept {
    pollfd poll = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&poll, 1, 0) != 0;
}

AcceptedSocket ListeningSocket::accept() noexcept {
    if (host::memory_is_short()) {
        return {.outcome = AcceptOutcome::exhausted, .status = STATUS_INSUFFICIENT_RESOURCES};
    }
    // Most come alone; where there is a second, there are often more.
    while (accepted_ != 1 || has_waiting()) {
        Sockaddr remote;
        host::UniqueFd fd(host::system_call::accept4(
            fd_.get(), remote.get(), &remote.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            ++accepted_;
            // Only a wildcard leaves open which of our addresses the client meant.
            const Address local = local_.is_wildcard() ? local_address_of(fd.get()) : local_;
            return {.outcome = AcceptOutcome::accepted,
                    .fd = std::move(fd),
                    .local = local,
                    .remote = to_address(remote)};
        }
        const int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK) {
            break;
        }
        if (!is_of_one_connection(error)) {
            return {
                .outcome = is_exhaustion(error) ? AcceptOutcome::exhausted : AcceptOutcome::failed,
                .status = status_from_errno(error)};
        }
    }
    accepted_ = 0;
    return {.outcome = AcceptOutcome::none};
}

NTSTATUS ListeningSocket::take_error() const noexcept {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

void ListeningSocket::allow_port_sharing(bool allow) const noexcept {
    share_port(fd_.get(), allow);
}

}  // namespace owsk::net
