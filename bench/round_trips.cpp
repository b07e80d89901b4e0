// SPDX-License-Identifier: MIT
#include "round_trips.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "client_socket.h"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double warm_up_share = 0.1;

class Pair {
  public:
    Pair(uint16_t port, std::size_t size) : connection_(port), sent_(size), received_(size) {
        connection_.set_no_delay();
        for (std::size_t index = 0; index < size; ++index) {
            sent_[index] = static_cast<std::byte>(index * 31 % 251);
        }
    }

    // Microseconds of each round trip.
    std::vector<double> run(std::chrono::duration<double> time) {
        std::vector<double> times;
        const Clock::time_point start = Clock::now();
        Clock::time_point before = start;
        while (before - start < time) {
            connection_.send(sent_);
            connection_.receive(received_);
            const Clock::time_point after = Clock::now();
            times.push_back(std::chrono::duration<double, std::micro>(after - before).count());
            before = after;
        }
        return times;
    }

    // Looked at once: a comparison of every echo would be measured along.
    bool echoed() const { return sent_ == received_; }

  private:
    ClientSocket connection_;
    std::vector<std::byte> sent_;
    std::vector<std::byte> received_;
};

double percentile(std::vector<double>& times, std::size_t percent) {
    const auto position = times.begin() + static_cast<std::ptrdiff_t>(times.size() * percent / 100);
    std::nth_element(times.begin(), position, times.end());
    return *position;
}

}  // namespace

RoundTrips measure_round_trips(uint16_t port,
                               std::size_t size,
                               std::chrono::duration<double> time) {
    Pair pair(port, size);
    const std::size_t warm_up = pair.run(time * warm_up_share).size();
    if (!pair.echoed()) {
        throw std::runtime_error("the echo is not what was sent");
    }
    std::vector<double> times = pair.run(time);
    double sum_us = 0;
    for (const double each : times) {
        sum_us += each;
    }
    RoundTrips result;
    result.median_us = percentile(times, 50);
    result.percentile_99_us = percentile(times, 99);
    // Bytes in a microsecond are megabytes in a second.
    result.megabytes_per_second = static_cast<double>(times.size() * size) / sum_us;
    result.operations = warm_up + times.size();
    return result;
}

}  // namespace bench
