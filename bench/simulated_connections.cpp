// SPDX-License-Identifier: MIT
// How fast the simulation is in real time: connections to examples/echo_irp - connect, echo, close
// - in a second of one CPU, and an hour in which nothing happens.
//
//     taskset -c 0 build/release/bench/simulated_connections [CONNECTIONS]
#include <openwsk/process.h>
#include <openwsk/simulation.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" DRIVER_INITIALIZE DriverEntry;

namespace {

using std::chrono::steady_clock;

constexpr std::uint16_t port = 5001;
constexpr std::size_t at_once = 32;
constexpr const char* message = "sixty-four bytes, as in the other benchmarks of this project ...";

double seconds_since(steady_clock::time_point begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

// One after the other.
class Visitor {
  public:
    explicit Visitor(owsk::Computer& computer) : computer_(computer) { connect(); }

    bool has_news() const {
        return client_.state() != owsk::ClientState::connected
                   ? client_.state() != owsk::ClientState::connecting
                   : !has_finished_ && client_.received().size() == std::string(message).size();
    }
    // True if a connection has ended.
    bool step() {
        if (!has_news()) {
            return false;
        }
        if (client_.state() == owsk::ClientState::connected) {
            client_.finish();
            has_finished_ = true;
            return false;
        }
        if (client_.state() != owsk::ClientState::finished) {
            std::fprintf(stderr,
                         "a connection has ended as %s\n",
                         std::string(to_string(client_.state())).c_str());
            std::exit(1);
        }
        connect();
        return true;
    }

  private:
    void connect() {
        client_ = computer_.connect("192.0.2.1", port);
        client_.send(message);
        has_finished_ = false;
    }

    owsk::Computer& computer_;
    owsk::Client client_;
    bool has_finished_ = false;
};

void start_driver(owsk::Computer& server) {
    owsk::Machine& machine = server.start_machine();
    machine.set_parameter("echo_irp", "Address", std::string("192.0.2.1"));
    machine.set_parameter("echo_irp", "BufferSize", 1024U);
    owsk::DriverError error;
    if (!machine.start_driver("echo_irp", DriverEntry, error)) {
        std::fprintf(stderr, "%s\n", error.message.c_str());
        std::exit(1);
    }
}

void measure_connections(std::size_t count) {
    owsk::Simulation simulation;
    owsk::Computer& server = simulation.add_computer("server", {"192.0.2.1"});
    start_driver(server);
    std::vector<owsk::Computer*> computers;
    std::vector<Visitor> visitors;
    for (std::size_t i = 0; i < at_once; ++i) {
        const std::string number = std::to_string(i + 1);
        computers.push_back(&simulation.add_computer("visitor" + number, {"198.51.100." + number}));
    }
    const auto begin = steady_clock::now();
    for (owsk::Computer* computer : computers) {
        visitors.emplace_back(*computer);
    }
    std::size_t done = 0;
    while (done < count) {
        simulation.run_until([&] {
            for (const Visitor& visitor : visitors) {
                if (visitor.has_news()) {
                    return true;
                }
            }
            return false;
        });
        for (Visitor& visitor : visitors) {
            done += visitor.step() ? 1 : 0;
        }
    }
    const double time = seconds_since(begin);
    std::printf("%zu connections in %.2f s: %.0f in a second\n",
                done,
                time,
                static_cast<double>(done) / time);
    visitors.clear();
    server.machine().unload_driver("echo_irp");
}

void measure_idle_hour() {
    owsk::Simulation simulation;
    owsk::Computer& server = simulation.add_computer("server", {"192.0.2.1"});
    start_driver(server);
    const auto begin = steady_clock::now();
    simulation.run_for(std::chrono::hours(1));
    std::printf("an idle hour in %.3f ms\n", seconds_since(begin) * 1000);
    server.machine().unload_driver("echo_irp");
}

}  // namespace

int main(int count, char** values) {
    const long connections = count > 1 ? std::strtol(values[1], nullptr, 10) : 50'000;
    if (connections <= 0) {
        std::fprintf(
            stderr, "simulated_connections: \"%s\" is no number of connections\n", values[1]);
        return 2;
    }
    const owsk::OneCpu one_cpu;
    measure_connections(static_cast<std::size_t>(connections));
    measure_idle_hour();
    return 0;
}
