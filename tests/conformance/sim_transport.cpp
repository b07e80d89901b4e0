// SPDX-License-Identifier: MIT
// The simulation.
#include "conformance/sim_transport.h"

#include "conformance/sim_wire.h"
#include "conformance/tested.h"

namespace owsk::conformance {

namespace {

// Ports that the simulation gives to no socket by itself, as Linux.
constexpr std::uint16_t first_unassigned_port = 10'000;
constexpr std::uint16_t unassigned_ports = 22'000;

class SimThread final : public TestThread::Running {
  public:
    explicit SimThread(SimulatedThread thread) : thread_(std::move(thread)) {}
    ~SimThread() override { thread_.join(); }

  private:
    SimulatedThread thread_;
};

SimulationOptions options() {
    SimulationOptions options;
    options.seed = tested_seed;
    options.replay = replay_line;
    return options;
}

}  // namespace

SimTransport::SimTransport()
    : simulation_(options()),
      computer_(simulation_.add_computer("server", {"198.51.100.1", "2001:db8::1"})) {}

Machine& SimTransport::start_machine(MachineOptions options) {
    options.seed = tested_seed;
    return computer_.start_machine(std::move(options));
}

Platform SimTransport::new_platform(MachineOptions options) {
    return simulated_platform(computer_, options);
}

std::unique_ptr<Wire> SimTransport::new_wire() {
    return std::make_unique<SimWire>(computer_);
}

std::uint16_t SimTransport::random_port() {
    return static_cast<std::uint16_t>(first_unassigned_port + simulation_.choose(unassigned_ports));
}

bool SimTransport::add_address(const std::string& ip) {
    computer_.add_address(ip);
    return true;
}

bool SimTransport::remove_address(const std::string& ip) {
    computer_.remove_address(ip);
    return true;
}

TestThread SimTransport::start_thread(std::function<void()> body) {
    return TestThread(
        std::make_unique<SimThread>(simulation_.start_thread("test thread", std::move(body))));
}

void SimTransport::yield() {
    simulation_.yield();
}

void SimTransport::pause() {
    simulation_.run_for(std::chrono::milliseconds(1));
}

// Time goes on only when nobody can run.
void SimTransport::settle() {
    if (std::this_thread::get_id() == main_thread_) {
        simulation_.run_for(std::chrono::milliseconds(10));
    }
}

std::chrono::nanoseconds SimTransport::now() const {
    return simulation_.now();
}

bool SimTransport::wait_until(const std::function<bool()>& condition) {
    if (std::this_thread::get_id() == main_thread_) {
        return simulation_.run_until(condition, limit);
    }
    const std::chrono::nanoseconds end = now() + limit;
    while (!condition()) {
        if (now() >= end) {
            return false;
        }
        yield();
    }
    return true;
}

}  // namespace owsk::conformance
