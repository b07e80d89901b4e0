// SPDX-License-Identifier: MIT
// The real machine.
#include "conformance/linux_transport.h"

#include <thread>

#include "conformance/linux_wire.h"
#include "conformance/tested.h"

namespace owsk::conformance {

namespace {

// Ports that Linux gives to no socket by itself.
constexpr int first_unassigned_port = 10'000;
constexpr int last_unassigned_port = 32'000;

class LinuxThread final : public TestThread::Running {
  public:
    explicit LinuxThread(std::function<void()> body) : thread_(std::move(body)) {}
    ~LinuxThread() override { thread_.join(); }

  private:
    std::thread thread_;
};

}  // namespace

Machine& LinuxTransport::start_machine(MachineOptions options) {
    options.gate = tested_gate;
    machine_ = std::make_unique<Machine>(std::move(options));
    return *machine_;
}

Platform LinuxTransport::new_platform(MachineOptions options) {
    options.gate = tested_gate;
    return real_platform(options);
}

std::unique_ptr<Wire> LinuxTransport::new_wire() {
    return std::make_unique<LinuxWire>();
}

std::uint16_t LinuxTransport::random_port() {
    std::uniform_int_distribution<int> ports(first_unassigned_port, last_unassigned_port);
    return static_cast<std::uint16_t>(ports(ports_));
}

TestThread LinuxTransport::start_thread(std::function<void()> body) {
    return TestThread(std::make_unique<LinuxThread>(std::move(body)));
}

void LinuxTransport::yield() {
    std::this_thread::yield();
}

std::chrono::nanoseconds LinuxTransport::now() const {
    return std::chrono::steady_clock::now().time_since_epoch();
}

bool LinuxTransport::wait_until(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, condition);
}

void LinuxTransport::announce_change() {
    // Whoever has looked at a condition under the lock waits by now.
    { const std::lock_guard guard(mutex_); }
    changed_.notify_all();
}

}  // namespace owsk::conformance
