// SPDX-License-Identifier: MIT
// connect_target: where a driver connects to that does nothing else. Prints its port, and then
// reads from standard input how long to measure; in between its clients wait for their byte.
//
// Each connection gets a byte and is closed, which lets its client connect again. Prints a line for
// each measurement: name, value, unit, and how many connections it had altogether.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>

#include "length.h"

namespace {

using bench::Clock;
using bench::Length;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int listen_anywhere() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, name, length) != 0 || listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, name, &length) != 0) {
        fail("listening");
    }
    std::cout << "listening on 127.0.0.1:" << ntohs(address.sin_port) << " (target)" << std::endl;
    return listener;
}

void serve_one(int listener) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
        fail("accept4");
    }
    if (send(connection, "b", 1, MSG_NOSIGNAL) != 1) {
        fail("send");
    }
    close(connection);
}

uint64_t run(int listener, const Length& length) {
    const bench::Progress progress(length);
    uint64_t done = 0;
    for (; !progress.over(done); ++done) {
        serve_one(listener);
    }
    return done;
}

// "0.5" are seconds, "1000x" connections.
Length parse_length(const std::string& text) {
    const double value = std::stod(text);
    return text.ends_with('x') ? Length{{}, static_cast<uint64_t>(value)}
                               : Length{std::chrono::duration<double>(value), 0};
}

void measure(int listener) {
    for (std::string name, text; std::cin >> name >> text;) {
        const Length length = parse_length(text);
        const uint64_t warm_up = run(listener, length.warm_up());
        const Clock::time_point start = Clock::now();
        const uint64_t done = run(listener, length);
        const std::chrono::duration<double> elapsed = Clock::now() - start;
        std::cout << name << ' ' << static_cast<double>(done) / elapsed.count() << " 1/s "
                  << warm_up + done << std::endl;
    }
}

}  // namespace

int main() {
    try {
        measure(listen_anywhere());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "connect_target: %s\n", error.what());
        return 1;
    }
}
