// SPDX-License-Identifier: MIT
#include "client_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace bench {

namespace {

constexpr uint32_t first_source = 0x7f010000;  // 127.1.0.0
constexpr uint32_t sources = 1 << 16;

[[noreturn]] void fail(const char* what) {
    if (errno == ECONNRESET || errno == ECONNREFUSED || errno == EPIPE) {
        throw ConnectionLost(std::string(what) + ": " + std::generic_category().message(errno));
    }
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in address_of(uint32_t address, uint16_t port) {
    sockaddr_in result = {};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

uint32_t next_source() {
    // Two runs one after the other begin at different addresses.
    static uint32_t next = static_cast<uint32_t>(getpid()) * 251;
    return first_source + next++ % sources;
}

}  // namespace

ClientSocket::ClientSocket(uint16_t server_port)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) {
        fail("socket");
    }
    ClientSocket closes_on_failure;
    std::swap(closes_on_failure.descriptor_, descriptor_);
    const int descriptor = closes_on_failure.descriptor_;

    // The port is then chosen by connect, which knows both ends and so has many more to choose
    // from.
    const int one = 1;
    if (setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) != 0) {
        fail("IP_BIND_ADDRESS_NO_PORT");
    }
    const sockaddr_in source = address_of(next_source(), 0);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
        fail("bind");
    }
    const sockaddr_in server = address_of(INADDR_LOOPBACK, server_port);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
        fail("connect");
    }
    std::swap(closes_on_failure.descriptor_, descriptor_);
}

ClientSocket::ClientSocket(ClientSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ClientSocket& ClientSocket::operator=(ClientSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

ClientSocket::~ClientSocket() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

void ClientSocket::set_no_delay() {
    const int one = 1;
    if (setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
        fail("TCP_NODELAY");
    }
}

void ClientSocket::send(std::span<const std::byte> data) {
    while (!data.empty()) {
        const ssize_t sent = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            fail("send");
        }
        data = data.subspan(static_cast<std::size_t>(sent));
    }
}

void ClientSocket::receive(std::span<std::byte> data) {
    while (!data.empty()) {
        data = data.subspan(receive_now(data, 0));
    }
}

std::size_t ClientSocket::send_some(std::span<const std::byte> data) {
    const ssize_t sent = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) {
        fail("send");
    }
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::size_t ClientSocket::receive_some(std::span<std::byte> data) {
    return receive_now(data, MSG_DONTWAIT);
}

std::size_t ClientSocket::receive_now(std::span<std::byte> data, int flags) {
    const ssize_t received = recv(descriptor_, data.data(), data.size(), flags);
    if (received < 0 && errno != EAGAIN) {
        fail("recv");
    }
    if (received == 0) {
        throw ConnectionLost("the server ended the connection");
    }
    return received < 0 ? 0 : static_cast<std::size_t>(received);
}

}  // namespace bench
