// SPDX-License-Identifier: MIT
// echo_client PORT MEASUREMENT LENGTH: the load for an echo server on 127.0.0.1.
//
// Prints a line for each result: name, value, unit, and how many operations the server did
// altogether.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "accepts.h"
#include "connects.h"
#include "datagrams.h"
#include "flows.h"
#include "idle.h"
#include "round_trips.h"

namespace {

using bench::Length;

constexpr std::size_t small_message = 64;
constexpr std::size_t large_message = 64 * 1024;
constexpr std::size_t large_in_flight = 4;
constexpr int count_max = 10000;
constexpr std::chrono::microseconds no_pause{0};
constexpr std::chrono::microseconds pause{50};

constexpr const char* usage =
    "usage: echo_client PORT MEASUREMENT LENGTH\n"
    "       echo_client PORT idle    reads from standard input how many connections to keep open\n"
    "  MEASUREMENT  accepts_N, connects, spaced_connects, round_trip_N, large_round_trip_N,\n"
    "               messages_N, throughput_N; N: connections at a time\n"
    "               datagrams_N; N: on their way at a time\n"
    "  LENGTH       seconds, or a number of operations with an x behind it: 0.5, 1000x\n";

void print(const std::string& name, double value, const char* unit, uint64_t operations) {
    std::printf("%s %.3f %s %llu\n",
                name.c_str(),
                value,
                unit,
                static_cast<unsigned long long>(operations));
}

void accepts(uint16_t port, const std::string& name, int clients, const Length& length) {
    const bench::Accepts result = bench::measure_accepts(port, clients, length);
    print(name, result.per_second, "1/s", result.operations);
    print(name + "_lost", static_cast<double>(result.lost), "lost", result.operations);
}

void connects(uint16_t port, const std::string&, int, const Length& length) {
    const bench::Connects result = bench::measure_connects(port, no_pause, length);
    print("connect_p50", result.connect_median_us, "us", result.operations);
    print("first_echo_p50", result.first_echo_median_us, "us", result.operations);
}

void spaced_connects(uint16_t port, const std::string&, int, const Length& length) {
    const bench::Connects result = bench::measure_connects(port, pause, length);
    print("spaced_connect_p50", result.connect_median_us, "us", result.operations);
}

void print(const std::string& name, const bench::RoundTrips& result) {
    print(name + "_p50", result.median_us, "us", result.operations);
    print(name + "_p99", result.percentile_99_us, "us", result.operations);
}

void round_trip(uint16_t port, const std::string& name, int connections, const Length& length) {
    print(name, bench::measure_round_trips(port, connections, small_message, length));
}

void large_round_trip(uint16_t port,
                      const std::string& name,
                      int connections,
                      const Length& length) {
    print(name, bench::measure_round_trips(port, connections, large_message, length));
}

void messages(uint16_t port, const std::string& name, int connections, const Length& length) {
    const bench::Flows result = bench::measure_flows(port, {connections, small_message, 1}, length);
    print(name, result.messages_per_second, "1/s", result.operations);
}

// Counted in one direction.
void throughput(uint16_t port, const std::string& name, int connections, const Length& length) {
    const bench::Flows result =
        bench::measure_flows(port, {connections, large_message, large_in_flight}, length);
    print(name,
          result.messages_per_second * static_cast<double>(large_message) / 1e6,
          "MB/s",
          result.operations);
}

void datagrams(uint16_t port, const std::string& name, int in_flight, const Length& length) {
    const bench::Datagrams result = bench::measure_datagrams(port, in_flight, length);
    print(name, result.per_second, "1/s", result.operations);
    print(name + "_lost", static_cast<double>(result.lost), "lost", result.operations);
}

struct Measurement {
    std::string_view name;  // with an underscore at the end if a number follows
    void (*run)(uint16_t port, const std::string& name, int count, const Length& length);
};

constexpr Measurement measurements[] = {{"accepts_", accepts},
                                        {"connects", connects},
                                        {"spaced_connects", spaced_connects},
                                        {"round_trip_", round_trip},
                                        {"large_round_trip_", large_round_trip},
                                        {"messages_", messages},
                                        {"throughput_", throughput},
                                        {"datagrams_", datagrams}};

// 0: not a whole number from 1 to `max`.
int number(std::string_view text, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool valid = error == std::errc() && end == text.data() + text.size();
    return valid && value >= 1 && value <= max ? value : 0;
}

// All zero: neither seconds nor a number of operations.
Length parse_length(const char* text) {
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    if (end == text || !(value > 0)) {
        return {};
    }
    if (std::strcmp(end, "x") == 0) {
        return {{}, static_cast<uint64_t>(value)};
    }
    return *end == '\0' ? Length{std::chrono::duration<double>(value), 0} : Length{};
}

bool measure(uint16_t port, std::string_view what, const Length& length) {
    for (const Measurement& each : measurements) {
        const bool has_number = each.name.ends_with('_');
        if (!has_number && what == each.name) {
            each.run(port, std::string(what), 0, length);
            return true;
        }
        if (has_number && what.starts_with(each.name)) {
            const int count = number(what.substr(each.name.size()), count_max);
            if (count != 0) {
                each.run(port, std::string(what), count, length);
            }
            return count != 0;
        }
    }
    return false;
}

// False: wrong usage.
bool run(int argc, char** argv) {
    const int port = argc >= 3 ? number(argv[1], 65535) : 0;
    if (port == 0) {
        return false;
    }
    if (argc == 3 && std::strcmp(argv[2], "idle") == 0) {
        bench::keep_idle_connections(static_cast<uint16_t>(port));
        return true;
    }
    const Length length = argc == 4 ? parse_length(argv[3]) : Length{};
    return (length.time.count() > 0 || length.operations > 0) &&
           measure(static_cast<uint16_t>(port), argv[2], length);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (run(argc, argv)) {
            return 0;
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "echo_client: %s\n", error.what());
        return 1;
    }
    std::fputs(usage, stderr);
    return 2;
}
