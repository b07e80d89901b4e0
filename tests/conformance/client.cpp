// SPDX-License-Identifier: MIT
// The Linux side of the conformance tests.
#include "conformance/client.h"

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
#include <random>
#include <thread>
#include <utility>

namespace owsk::conformance {

namespace {

constexpr int limit_ms = 10'000;
// Ports that no other socket of this system gets by itself.
constexpr int first_unassigned_port = 10'000;
constexpr int last_unassigned_port = 32'000;

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

bool parse_ip(const std::string& ip, std::uint8_t (&bytes)[16]) {
    const bool v6 = ip.find(':') != std::string::npos;
    return inet_pton(v6 ? AF_INET6 : AF_INET, ip.c_str(), bytes) == 1;
}

std::string format_ip(const std::uint8_t* bytes, bool is_v6) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text);
    return text;
}

std::uint16_t random_port() {
    static std::mt19937 generator{std::random_device{}()};
    std::uniform_int_distribution<int> ports(first_unassigned_port, last_unassigned_port);
    return static_cast<std::uint16_t>(ports(generator));
}

TcpClient::~TcpClient() {
    close();
}

TcpClient::TcpClient(TcpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), receive_buffer_(other.receive_buffer_), end_(other.end_) {}

TcpClient& TcpClient::operator=(TcpClient&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(receive_buffer_, other.receive_buffer_);
    std::swap(end_, other.end_);
    return *this;
}

bool TcpClient::connect(const Endpoint& to, const Endpoint& from) {
    return start_connect(to, from) && finish_connect();
}

bool TcpClient::start_connect(const Endpoint& to, const Endpoint& from) {
    close();
    fd_ = ::socket(to.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        return false;
    }
    if (receive_buffer_ != 0) {
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_, sizeof receive_buffer_);
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

bool TcpClient::finish_connect() {
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

Endpoint TcpClient::local() const {
    sockaddr_storage storage = {};
    socklen_t length = sizeof storage;
    ::getsockname(fd_, generic(storage), &length);
    return read(storage);
}

Endpoint TcpClient::remote() const {
    sockaddr_storage storage = {};
    socklen_t length = sizeof storage;
    ::getpeername(fd_, generic(storage), &length);
    return read(storage);
}

bool TcpClient::send(const std::string& data) {
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

bool TcpClient::wait_until_arrived() const {
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

std::string TcpClient::receive(std::size_t length) {
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

TcpClient::End TcpClient::wait_for_end() {
    while (end_ == End::none && wait_for(POLLIN)) {
        receive(1);
    }
    return end_;
}

bool TcpClient::saw_reset() {
    return wait_for_end() == End::reset;
}

bool TcpClient::saw_end() {
    return wait_for_end() == End::orderly;
}

bool TcpClient::is_quiet() const {
    char byte = 0;
    return end_ == End::none && ::recv(fd_, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

void TcpClient::shutdown_send() {
    ::shutdown(fd_, SHUT_WR);
}

void TcpClient::reset() {
    const linger at_once = {1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void TcpClient::close() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = -1;
    end_ = End::none;
}

bool TcpClient::wait_for(short events) const {
    pollfd entry = {fd_, events, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, limit_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

}  // namespace owsk::conformance
