// SPDX-License-Identifier: MIT
#include "connects.h"

#include <array>
#include <cstddef>
#include <vector>

#include "client_socket.h"
#include "percentile.h"

namespace bench {

namespace {

struct Times {
    std::vector<double> connect_us;
    std::vector<double> first_echo_us;
};

double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

// Busy all the time: a core that sleeps wakes up slowly.
void spend(std::chrono::microseconds time) {
    const Clock::time_point end = Clock::now() + time;
    while (Clock::now() < end) {
    }
}

Times run(uint16_t port, std::chrono::microseconds pause, const Length& length) {
    Times times;
    const Progress progress(length);
    while (!progress.over(times.connect_us.size())) {
        spend(pause);
        const Clock::time_point start = Clock::now();
        ClientSocket connection(port);
        times.connect_us.push_back(us_since(start));
        std::array byte{std::byte{'e'}};
        connection.send(byte);
        connection.receive(byte);
        times.first_echo_us.push_back(us_since(start));
    }
    return times;
}

}  // namespace

Connects measure_connects(uint16_t port, std::chrono::microseconds pause, const Length& length) {
    const std::size_t warm_up = run(port, pause, length.warm_up()).connect_us.size();
    Times times = run(port, pause, length);
    return {percentile(times.connect_us, 50),
            percentile(times.first_echo_us, 50),
            warm_up + times.connect_us.size()};
}

}  // namespace bench
