// SPDX-License-Identifier: MIT
// A blocking socket with a limit that only what hangs can reach.
#include "faults/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

namespace owsk {

Peer::Peer(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit = {.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    static_cast<void>(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

Peer::~Peer() {
    close(fd_);
}

void Peer::send(const std::string& text) const {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const ssize_t count = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            return;
        }
        sent += static_cast<std::size_t>(count);
    }
}

void Peer::finish() const {
    shutdown(fd_, SHUT_WR);
}

std::optional<std::string> Peer::receive(std::size_t length) const {
    std::string text;
    char bytes[4096];
    while (text.size() < length) {
        const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return std::nullopt;
        }
        if (count <= 0) {
            break;
        }
        text.append(bytes, static_cast<std::size_t>(count));
    }
    return text;
}

bool Peer::is_reset() const {
    char bytes[4096];
    ssize_t count = 0;
    while ((count = recv(fd_, bytes, sizeof bytes, 0)) > 0) {
    }
    return count < 0 && errno == ECONNRESET;
}

DatagramPeer::DatagramPeer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const timeval patience = {.tv_sec = 0, .tv_usec = 50'000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

DatagramPeer::~DatagramPeer() {
    close(fd_);
}

std::optional<std::string> DatagramPeer::ask(std::uint16_t port, const std::string& text) const {
    constexpr int tries_max = 400;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    std::string answer(text.size() + 1, '\0');
    for (int i = 0; i < tries_max; ++i) {
        static_cast<void>(sendto(fd_,
                                 text.data(),
                                 text.size(),
                                 0,
                                 reinterpret_cast<const sockaddr*>(&address),
                                 sizeof address));
        const ssize_t count = recv(fd_, answer.data(), answer.size(), 0);
        if (count >= 0) {
            answer.resize(static_cast<std::size_t>(count));
            return answer;
        }
    }
    return std::nullopt;
}

}  // namespace owsk
