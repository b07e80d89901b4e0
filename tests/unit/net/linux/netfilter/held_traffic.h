// SPDX-License-Identifier: MIT
// What the tests of rules and queues stand on: a server, a client that is still connecting, and
// the segments that a queue holds.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "host/linux/unique_fd.h"
#include "net/linux/netfilter/nf_queue.h"
#include "net/linux/netfilter/segment.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

// Nothing a test waits for takes this long, unless it never comes.
inline constexpr int patience_ms = 20000;

inline const Address ipv4_any{.family = Family::ipv4};
inline const Address ipv4_loopback{.family = Family::ipv4, .ip = {127, 0, 0, 1}};
inline const Address ipv4_other{.family = Family::ipv4, .ip = {127, 0, 0, 2}};
inline const Address ipv6_any{.family = Family::ipv6};
inline const Address ipv6_loopback{.family = Family::ipv6,
                                   .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline const Address ipv4_mapped{.family = Family::ipv6,
                                 .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}};

inline Address with_port(Address address, std::uint16_t port) {
    address.port = port;
    return address;
}

inline host::UniqueFd make_tcp_socket(Family family) {
    host::UniqueFd fd(::socket(family == Family::ipv4 ? AF_INET : AF_INET6,
                               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                               0));
    EXPECT_TRUE(fd);
    return fd;
}

// Listens on a free port; an IPv6 wildcard takes IPv4 clients, too.
class Server {
  public:
    explicit Server(const Address& where) : fd_(make_tcp_socket(where.family)) {
        const int off = 0;
        ::setsockopt(fd_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        Sockaddr sockaddr = to_sockaddr(where);
        EXPECT_EQ(::bind(fd_.get(), sockaddr.get(), sockaddr.length), 0);
        EXPECT_EQ(::listen(fd_.get(), 64), 0);
        EXPECT_EQ(::getsockname(fd_.get(), sockaddr.get(), &sockaddr.length), 0);
        address_ = to_address(sockaddr);
    }

    const Address& address() const { return address_; }
    std::uint16_t port() const { return address_.port; }
    // Waits for the next established connection.
    host::UniqueFd accept() {
        pollfd look = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&look, 1, patience_ms), 1);
        return host::UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    bool has_connection() const {
        pollfd look = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
        return ::poll(&look, 1, 0) == 1;
    }

  private:
    host::UniqueFd fd_;
    Address address_;
};

// Starts to connect and does not wait.
class ConnectingClient {
  public:
    explicit ConnectingClient(const Address& server) : fd_(make_tcp_socket(server.family)) {
        const Sockaddr sockaddr = to_sockaddr(server);
        static_cast<void>(::connect(fd_.get(), sockaddr.get(), sockaddr.length));
    }

    int fd() const { return fd_.get(); }
    Address address() const {
        Sockaddr sockaddr;
        EXPECT_EQ(::getsockname(fd_.get(), sockaddr.get(), &sockaddr.length), 0);
        return to_address(sockaddr);
    }
    // As the kernel knows it, at this moment.
    int state() const {
        tcp_info info = {};
        socklen_t length = sizeof info;
        EXPECT_EQ(::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        return info.tcpi_state;
    }
    bool is_connected() const { return state() == TCP_ESTABLISHED; }
    bool is_connecting() const { return state() == TCP_SYN_SENT; }
    bool connects() const {
        pollfd look = {.fd = fd_.get(), .events = POLLOUT, .revents = 0};
        return ::poll(&look, 1, patience_ms) == 1 && is_connected();
    }
    void reset() {
        const linger at_once = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fd_.reset();
    }

  private:
    host::UniqueFd fd_;
};

struct HeldSegment {
    std::uint32_t id;
    bool is_outgoing;
    std::uint32_t interface;
    Segment segment;
};

// What a queue holds, one after another. On a slow machine clients send again what is held; such
// repetitions are dropped, unless the test is about them.
class HeldSegments {
  public:
    enum class Repetitions : std::uint8_t { dropped, shown };

    explicit HeldSegments(NfQueue& queue, Repetitions repetitions = Repetitions::dropped)
        : queue_(queue), repetitions_(repetitions) {}

    int fd() const { return queue_.fd(); }

    // Waits for the next. None when none comes.
    std::optional<HeldSegment> next() {
        pollfd look = {.fd = queue_.fd(), .events = POLLIN, .revents = 0};
        while (waiting_.empty() && ::poll(&look, 1, patience_ms) == 1) {
            fetch_all();
        }
        return take();
    }
    // How many wait at this moment.
    std::size_t count() {
        fetch_all();
        return waiting_.size();
    }

  private:
    void fetch_all() {
        bool more = true;
        while (more) {
            more = queue_.fetch([this](const NfQueue::Packet& packet) {
                const auto segment = parse_segment(packet.bytes);
                ASSERT_TRUE(segment);
                const bool is_repeated =
                    std::find(seen_.begin(), seen_.end(), *segment) != seen_.end();
                if (is_repeated && repetitions_ == Repetitions::dropped) {
                    queue_.drop(packet.id);
                    return;
                }
                seen_.push_back(*segment);
                waiting_.push_back(
                    {packet.id, packet.is_outgoing, packet.neighbour.interface, *segment});
            });
        }
    }
    std::optional<HeldSegment> take() {
        if (waiting_.empty()) {
            return std::nullopt;
        }
        const HeldSegment first = waiting_.front();
        waiting_.pop_front();
        return first;
    }

    NfQueue& queue_;
    const Repetitions repetitions_;
    std::vector<Segment> seen_;
    std::deque<HeldSegment> waiting_;
};

}  // namespace owsk::net
