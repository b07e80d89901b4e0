// SPDX-License-Identifier: MIT
// hard_connects PORT COUNT plain|mixed: one connection after another to the echo server on
// 127.0.0.1, fast enough to meet races. Prints how many there were and how many were lost.
//
// plain: connect, one byte there and back, close.
// mixed: in turn also a reset before data, after sending, in the middle of the echo, and an end in
// good order.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

// A closed connection keeps its port for a minute, and one address has only some 28000.
constexpr std::uint32_t first_source = 0x7f010000;  // 127.1.0.0
constexpr std::uint32_t sources = 1 << 16;
constexpr time_t answer_seconds_max = 20;
constexpr std::size_t large = 256 * 1024;

enum class Course : std::uint8_t {
    echo,
    reset_at_once,
    reset_after_sending,
    reset_in_echo,
    finish
};
constexpr std::array courses = {Course::echo,
                                Course::reset_at_once,
                                Course::reset_after_sending,
                                Course::reset_in_echo,
                                Course::finish};

// What went wrong with a connection, "" if nothing.
using Loss = std::string;

Loss loss(const char* what) {
    return std::string(what) + ": " + std::strerror(errno);
}

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

sockaddr_in address_of(std::uint32_t address, std::uint16_t port) {
    sockaddr_in made = {};
    made.sin_family = AF_INET;
    made.sin_addr.s_addr = htonl(address);
    made.sin_port = htons(port);
    return made;
}

class Connection {
  public:
    explicit Connection(std::uint32_t source)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int one = 1;
        const timeval limit = {.tv_sec = answer_seconds_max, .tv_usec = 0};
        const sockaddr_in address = address_of(source, 0);
        if (socket_ < 0 ||
            ::setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) != 0 ||
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
            ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
            ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            give_up("hard_connects: socket");
        }
    }
    ~Connection() { ::close(socket_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool connect(std::uint16_t port) const {
        const sockaddr_in server = address_of(INADDR_LOOPBACK, port);
        return ::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0;
    }
    bool send(std::size_t count) const {
        static const std::vector<char> bytes(large, 'h');
        while (count > 0) {
            const ssize_t sent = ::send(socket_, bytes.data(), count, MSG_NOSIGNAL);
            if (sent < 0) {
                return false;
            }
            count -= static_cast<std::size_t>(sent);
        }
        return true;
    }
    // As much as there is at the moment: the server need not have read the rest.
    void send_some() const {
        static const std::vector<char> bytes(large, 'h');
        static_cast<void>(::send(socket_, bytes.data(), large, MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    bool receive(std::size_t count) const {
        std::array<char, 4096> room;
        while (count > 0) {
            const ssize_t got = ::recv(socket_, room.data(), std::min(count, room.size()), 0);
            if (got <= 0) {
                errno = got == 0 ? ENODATA : errno;
                return false;
            }
            count -= static_cast<std::size_t>(got);
        }
        return true;
    }
    bool finish() const {
        char byte;
        return ::shutdown(socket_, SHUT_WR) == 0 && ::recv(socket_, &byte, 1, 0) == 0;
    }
    void reset_when_closed() const {
        const linger at_once = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }

  private:
    int socket_;
};

Loss run(const Connection& connection, std::uint16_t port, Course course) {
    if (!connection.connect(port)) {
        return loss("connect");
    }
    switch (course) {
        case Course::reset_at_once:
            connection.reset_when_closed();
            return {};
        case Course::reset_after_sending:
            connection.reset_when_closed();
            return connection.send(1) ? Loss() : loss("send");
        case Course::reset_in_echo:
            connection.reset_when_closed();
            connection.send_some();
            return connection.receive(1) ? Loss() : loss("receive in the echo");
        case Course::echo:
        case Course::finish:
            break;
    }
    if (!connection.send(1)) {
        return loss("send");
    }
    if (!connection.receive(1)) {
        return loss("receive");
    }
    return course == Course::echo || connection.finish() ? Loss() : loss("finish");
}

}  // namespace

int main(int argc, char** argv) {
    const bool mixed = argc == 4 && std::strcmp(argv[3], "mixed") == 0;
    if (argc != 4 || (!mixed && std::strcmp(argv[3], "plain") != 0)) {
        std::fputs("usage: hard_connects PORT COUNT plain|mixed\n", stderr);
        return 2;
    }
    const auto port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
    const unsigned long count = std::strtoul(argv[2], nullptr, 10);
    // Two of us at a time begin at different addresses.
    const auto begin = static_cast<std::uint32_t>(::getpid()) * 251U;
    unsigned long lost = 0;
    Loss first;
    for (unsigned long done = 0; done < count; ++done) {
        const Connection connection(first_source +
                                    (begin + static_cast<std::uint32_t>(done)) % sources);
        const Loss what =
            run(connection, port, mixed ? courses[done % courses.size()] : Course::echo);
        if (!what.empty() && lost++ == 0) {
            first = what;
        }
    }
    std::printf("%lu connections, %lu lost%s%s\n",
                count,
                lost,
                lost == 0 ? "" : ", the first by ",
                first.c_str());
    return 0;
}
