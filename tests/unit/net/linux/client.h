// SPDX-License-Identifier: MIT
// Client: a plain blocking Linux socket, the peer of whatever is tested.
#pragma once

#include <errno.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <optional>
#include <string>
#include <utility>

#include "host/linux/unique_fd.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

class Client {
  public:
    // Connects, from a chosen address if there is one, or leaves an error for connect_error().
    explicit Client(const Address& server, std::optional<Address> from = std::nullopt) {
        const int family = server.family == Family::ipv4 ? AF_INET : AF_INET6;
        fd_ = host::UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        // Nothing a test waits for takes this long, unless it never comes.
        const timeval limit = {.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (from) {
            const Sockaddr local = to_sockaddr(*from);
            EXPECT_EQ(::bind(fd_.get(), local.get(), local.length), 0);
        }
        const Sockaddr sockaddr = to_sockaddr(server);
        if (::connect(fd_.get(), sockaddr.get(), sockaddr.length) != 0) {
            connect_error_ = errno;
        }
    }

    int connect_error() const { return connect_error_; }

    Address address() const {
        Sockaddr sockaddr;
        EXPECT_EQ(::getsockname(fd_.get(), sockaddr.get(), &sockaddr.length), 0);
        return to_address(sockaddr);
    }

    void send(const std::string& text) {
        EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    // What comes next, at most `limit` bytes; empty at the end of the stream or on an error.
    std::string receive(std::size_t limit = 1024) {
        std::string text(limit, '\0');
        const ssize_t length = ::recv(fd_.get(), text.data(), text.size(), 0);
        receive_error_ = length < 0 ? errno : 0;
        text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
        return text;
    }
    int receive_error() const { return receive_error_; }

    // Neither bytes nor an end of the stream have come.
    bool hears_nothing() const {
        char byte = 0;
        return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    // How the stream ends after everything was read: 0 for a FIN, else an errno.
    int read_to_the_end() {
        while (!receive().empty()) {
        }
        return receive_error_;
    }

    void finish() { EXPECT_EQ(::shutdown(fd_.get(), SHUT_WR), 0); }
    void close() { fd_.reset(); }
    // Goes without a word; its system then knows nothing of the connection. False if not permitted.
    bool vanish() {
        const int on = 1;
        if (::setsockopt(fd_.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0) {
            return false;
        }
        fd_.reset();
        return true;
    }
    void reset() {
        const linger at_once = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fd_.reset();
    }

  private:
    host::UniqueFd fd_;
    int connect_error_ = 0;
    int receive_error_ = 0;
};

}  // namespace owsk::net
