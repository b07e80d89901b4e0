// SPDX-License-Identifier: MIT
#include "round_trips.h"

#include <stdexcept>
#include <vector>

#include "client_socket.h"
#include "percentile.h"

namespace bench {

namespace {

class Ring {
  public:
    Ring(uint16_t port, int connections, std::size_t size) : sent_(size), received_(size) {
        for (int count = 0; count < connections; ++count) {
            connections_.emplace_back(port).set_no_delay();
        }
        for (std::size_t index = 0; index < size; ++index) {
            sent_[index] = static_cast<std::byte>(index * 31 % 251);
        }
    }

    // Microseconds of each round trip.
    std::vector<double> run(const Length& length) {
        std::vector<double> times;
        const Progress progress(length);
        while (!progress.over(times.size())) {
            ClientSocket& connection = connections_[next_++ % connections_.size()];
            const Clock::time_point before = Clock::now();
            connection.send(sent_);
            connection.receive(received_);
            const Clock::time_point after = Clock::now();
            times.push_back(std::chrono::duration<double, std::micro>(after - before).count());
        }
        return times;
    }

    // Looked at once: a comparison of every echo would be measured along.
    bool echoed() const { return sent_ == received_; }

  private:
    std::vector<ClientSocket> connections_;
    std::size_t next_ = 0;
    std::vector<std::byte> sent_;
    std::vector<std::byte> received_;
};

}  // namespace

RoundTrips measure_round_trips(uint16_t port,
                               int connections,
                               std::size_t size,
                               const Length& length) {
    Ring ring(port, connections, size);
    const std::size_t warm_up = ring.run(length.warm_up()).size();
    if (!ring.echoed()) {
        throw std::runtime_error("the echo is not what was sent");
    }
    std::vector<double> times = ring.run(length);
    RoundTrips result;
    result.median_us = percentile(times, 50);
    result.percentile_99_us = percentile(times, 99);
    result.operations = warm_up + times.size();
    return result;
}

}  // namespace bench
