// SPDX-License-Identifier: MIT
// The handshake that connect(2) starts and epoll announces the end of.
#include "net/linux/connector.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "net/linux/connection.h"
#include "net/linux/errno_map.h"
#include "net/linux/listener.h"
#include "net/linux/message.h"
#include "net/linux/sockaddr.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

namespace {

// What else than elsewhere an error of connect(2) means.
NTSTATUS status_of_connect(int error) noexcept {
    switch (error) {
        case EADDRNOTAVAIL:  // the two ends are connected already
            return STATUS_ADDRESS_ALREADY_EXISTS;
        case EINVAL:  // from a loopback address there is no way out
            return STATUS_NETWORK_UNREACHABLE;
        default:
            return status_from_errno(error);
    }
}

int take_error(int fd) noexcept {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

bool is_under_way(int error) noexcept {
    return error == EINPROGRESS || error == EINTR;
}

bool is_fast_open(int fd) noexcept {
    const Result<std::uint32_t> value = get_socket_option(fd, SocketOption::fast_open);
    return value && *value != 0;
}

// Sends the SYN, and returns how many bytes have gone with it; less than 0 with errno set.
ssize_t start_handshake(int fd, const Address& remote, std::span<const Slice> first) noexcept {
    Sockaddr to = to_sockaddr(remote);
    if (!first.empty() && is_fast_open(fd)) {
        msghdr message = message_of(first);
        message.msg_name = to.get();
        message.msg_namelen = to.length;
        const ssize_t taken = ::sendmsg(fd, &message, MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT);
        // Without a cookie of the peer the SYN asks for one, and takes nothing along.
        if (taken >= 0 || is_under_way(errno)) {
            return std::max<ssize_t>(taken, 0);
        }
        // Fast Open is switched off on this computer.
        if (errno != EOPNOTSUPP) {
            return -1;
        }
    }
    const bool sent = ::connect(fd, to.get(), to.length) == 0 || is_under_way(errno);
    return sent ? 0 : -1;
}

bool is_connected(int fd) noexcept {
    Sockaddr peer;
    return ::getpeername(fd, peer.get(), &peer.length) == 0;
}

}  // namespace

LinuxConnector::LinuxConnector(BoundSocket socket, bool v6_only, ListenerTable& listeners) noexcept
    : local_(socket.local), v6_only_(v6_only), listeners_(listeners), fd_(std::move(socket.fd)) {}

void LinuxConnector::allow_port_sharing(bool allow) noexcept {
    const Lock lock(mutex_);
    if (fd_) {
        share_port(fd_.get(), allow);
    }
}

Result<std::unique_ptr<Listener>> LinuxConnector::listen(const OptionValues& inherited) {
    host::UniqueFd fd;
    {
        const Lock lock(mutex_);
        OWSK_ASSERT(!is_trying_);
        fd = std::move(fd_);
    }
    if (!fd) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    ListeningSocket socket(BoundSocket{std::move(fd), local_});
    Result<std::unique_ptr<Listener>> listener =
        LinuxListener::open(socket, v6_only_, inherited, listeners_);
    if (!listener) {
        const Lock lock(mutex_);
        fd_ = socket.release();
    }
    return listener;
}

NTSTATUS LinuxConnector::set_option(SocketOption option, std::uint32_t value) noexcept {
    const Lock lock(mutex_);
    return fd_ ? set_socket_option(fd_.get(), option, value) : STATUS_SUCCESS;
}

NTSTATUS LinuxConnector::connect(const Address& remote,
                                 unsigned attempt,
                                 host::Processor& processor,
                                 ConnectorEvents& events) noexcept {
    return connect_with({}, remote, attempt, processor, events).status();
}

Result<std::size_t> LinuxConnector::connect_with(std::span<const Slice> first,
                                                 const Address& remote,
                                                 unsigned attempt,
                                                 host::Processor& processor,
                                                 ConnectorEvents& events) noexcept {
    const Lock lock(mutex_);
    if (!fd_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    events_ = &events;
    remote_ = remote;
    attempt_ = attempt;
    ::setsockopt(fd_.get(),
                 IPPROTO_TCP,
                 TCP_SYNCNT,
                 &connector_syn_repetitions,
                 sizeof connector_syn_repetitions);
    const ssize_t taken = start_handshake(fd_.get(), remote, first);
    if (taken < 0) {
        return status_of_connect(errno);
    }
    // What has happened by now is announced as well.
    is_trying_ = true;
    const int error = processor_->watch(fd_.get(), EPOLLOUT, *this);
    if (error != 0) {
        stop_locked();
        return status_from_errno(error);
    }
    return static_cast<std::size_t>(taken);
}

void LinuxConnector::stop_locked() noexcept {
    is_trying_ = false;
    processor_->unwatch(fd_.get(), *this);
    const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
    ::connect(fd_.get(), &nowhere, sizeof nowhere);
    static_cast<void>(take_error(fd_.get()));
    // Linux has given up a port that it had chosen itself; a port that is still ours it refuses.
    const Sockaddr sockaddr = to_sockaddr(local_);
    static_cast<void>(::bind(fd_.get(), sockaddr.get(), sockaddr.length));
}

void LinuxConnector::abandon() noexcept {
    const Lock lock(mutex_);
    if (is_trying_) {
        stop_locked();
    }
}

void LinuxConnector::on_events(std::uint32_t) noexcept {
    host::UniqueFd connected;
    Address remote = {};
    ConnectorEvents* events = nullptr;
    unsigned attempt = 0;
    int error = 0;
    {
        const Lock lock(mutex_);
        if (!is_trying_) {
            return;
        }
        events = events_;
        attempt = attempt_;
        if (is_connected(fd_.get())) {
            is_trying_ = false;
            processor_->unwatch(fd_.get(), *this);
            connected = std::move(fd_);
            remote = remote_;
        } else if ((error = take_error(fd_.get())) != 0) {
            stop_locked();
        } else {
            return;
        }
    }
    if (error != 0) {
        events->on_not_connected(attempt, status_of_connect(error));
        return;
    }
    const Address local = local_address_of(connected.get());
    events->on_connected(std::make_unique<LinuxConnection>(std::move(connected), local, remote));
}

void LinuxConnector::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    abandon();
    processor_->post(*this);
}

void LinuxConnector::run() noexcept {
    {
        const Lock lock(mutex_);
        fd_.reset();
    }
    closed_->run();
}

}  // namespace owsk::net
