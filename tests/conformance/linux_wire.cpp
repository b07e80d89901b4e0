// SPDX-License-Identifier: MIT
// Sockets of the Linux kernel.
#include "conformance/linux_wire.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace owsk::conformance {

namespace {

constexpr int limit_ms = 10'000;

socklen_t fill(const Endpoint& endpoint, sockaddr_storage& storage) {
    std::uint8_t ip[16] = {};
    parse_ip(endpoint.ip, ip);
    storage = {};
    if (endpoint.is_v6()) {
        auto& in6 = reinterpret_cast<sockaddr_in6&>(storage);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(endpoint.port);
        std::memcpy(&in6.sin6_addr, ip, 16);
        return sizeof in6;
    }
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, ip, 4);
    return sizeof in;
}

Endpoint read(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        const auto& in6 = reinterpret_cast<const sockaddr_in6&>(storage);
        return {format_ip(in6.sin6_addr.s6_addr, true), ntohs(in6.sin6_port)};
    }
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    return {format_ip(reinterpret_cast<const std::uint8_t*>(&in.sin_addr), false),
            ntohs(in.sin_port)};
}

sockaddr* generic(sockaddr_storage& storage) {
    return reinterpret_cast<sockaddr*>(&storage);
}

}  // namespace

LinuxWire::~LinuxWire() {
    LinuxWire::close();
}

bool LinuxWire::start_connect(const Endpoint& to, const Endpoint& from, int receive_buffer) {
    close();
    fd_ = ::socket(to.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        return false;
    }
    if (receive_buffer != 0) {
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_storage storage;
    if (!from.ip.empty()) {
        const socklen_t length = fill(from, storage);
        if (::bind(fd_, generic(storage), length) != 0) {
            return false;
        }
    }
    const socklen_t length = fill(to, storage);
    return ::connect(fd_, generic(storage), length) == 0 || errno == EINPROGRESS;
}

bool LinuxWire::finish_connect() {
    if (!wait_for(POLLOUT)) {
        return false;
    }
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        return false;
    }
    if (error == ECONNRESET) {
        end_ = End::reset;  // it was established, and is gone already
        return true;
    }
    return error == 0;
}

Endpoint LinuxWire::local() const {
    sockaddr_storage storage = {};
    socklen_t length = sizeof storage;
    ::getsockname(fd_, generic(storage), &length);
    return read(storage);
}

Endpoint LinuxWire::remote() const {
    sockaddr_storage storage = {};
    socklen_t length = sizeof storage;
    ::getpeername(fd_, generic(storage), &length);
    return read(storage);
}

bool LinuxWire::send(const std::string& data) {
    std::size_t done = 0;
    while (done < data.size()) {
        const ssize_t n = ::send(fd_, data.data() + done, data.size() - done, MSG_NOSIGNAL);
        if (n >= 0) {
            done += static_cast<std::size_t>(n);
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_for(POLLOUT)) {
            return false;
        }
    }
    return true;
}

bool LinuxWire::wait_until_arrived() const {
    for (int i = 0; i < limit_ms; ++i) {
        int unacknowledged = 0;
        if (::ioctl(fd_, SIOCOUTQ, &unacknowledged) != 0) {
            return false;
        }
        if (unacknowledged == 0) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

std::string LinuxWire::receive(std::size_t length) {
    std::string data;
    while (data.size() < length && end_ == End::none && wait_for(POLLIN)) {
        std::string part(length - data.size(), '\0');
        const ssize_t n = ::recv(fd_, part.data(), part.size(), 0);
        if (n > 0) {
            data.append(part, 0, static_cast<std::size_t>(n));
        } else if (n == 0) {
            end_ = End::orderly;
        } else if (errno != EAGAIN && errno != EINTR) {
            end_ = End::reset;
        }
    }
    return data;
}

LinuxWire::End LinuxWire::wait_for_end() {
    while (end_ == End::none && wait_for(POLLIN)) {
        receive(1);
    }
    return end_;
}

// After a FIN recv(2) tells of no reset any more; the socket's error does.
bool LinuxWire::saw_reset_after_end() {
    if (!saw_end() || !wait_for(0)) {
        return false;
    }
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
           (error == EPIPE || error == ECONNRESET);
}

void LinuxWire::shutdown_send() {
    ::shutdown(fd_, SHUT_WR);
}

void LinuxWire::reset() {
    const linger at_once = {1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void LinuxWire::close() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = -1;
    end_ = End::none;
}

bool LinuxWire::wait_for(short events) const {
    pollfd entry = {fd_, events, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, limit_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

}  // namespace owsk::conformance
