// SPDX-License-Identifier: MIT
// echo_client PORT MEASUREMENT SECONDS: the load for an echo server on 127.0.0.1.
//
// Prints a line for each result: name, value, unit, and how many operations the server did
// altogether.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "accepts.h"
#include "round_trips.h"

namespace {

constexpr std::size_t small_message = 64;
constexpr std::size_t large_message = 64 * 1024;
constexpr std::string_view accepts_prefix = "accepts_";

void print(std::string_view name, double value, const char* unit, uint64_t operations) {
    std::printf("%.*s %.3f %s %llu\n",
                static_cast<int>(name.size()),
                name.data(),
                value,
                unit,
                static_cast<unsigned long long>(operations));
}

// 0: not a whole number from 1 to `max`.
int number(std::string_view text, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool valid = error == std::errc() && end == text.data() + text.size();
    return valid && value >= 1 && value <= max ? value : 0;
}

bool measure(uint16_t port, std::string_view what, std::chrono::duration<double> time) {
    if (what == "round_trip") {
        const bench::RoundTrips result = bench::measure_round_trips(port, small_message, time);
        print("round_trip_p50", result.median_us, "us", result.operations);
        print("round_trip_p99", result.percentile_99_us, "us", result.operations);
        return true;
    }
    if (what == "throughput") {
        const bench::RoundTrips result = bench::measure_round_trips(port, large_message, time);
        print("throughput", result.megabytes_per_second, "MB/s", result.operations);
        return true;
    }
    const int clients =
        what.starts_with(accepts_prefix) ? number(what.substr(accepts_prefix.size()), 10000) : 0;
    if (clients == 0) {
        return false;
    }
    const bench::Accepts result = bench::measure_accepts(port, clients, time);
    print(what, result.per_second, "1/s", result.operations);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const int port = argc == 4 ? number(argv[1], 65535) : 0;
    const double seconds = argc == 4 ? std::atof(argv[3]) : 0;
    try {
        if (port != 0 && seconds > 0 &&
            measure(static_cast<uint16_t>(port), argv[2], std::chrono::duration<double>(seconds))) {
            return 0;
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "echo_client: %s\n", error.what());
        return 1;
    }
    std::fprintf(stderr, "usage: echo_client PORT accepts_CLIENTS|round_trip|throughput SECONDS\n");
    return 2;
}
