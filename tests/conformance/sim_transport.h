// SPDX-License-Identifier: MIT
// SimTransport: a simulated computer, virtual time, and threads that take turns as the seed says.
#pragma once

#include <openwsk/process.h>
#include <openwsk/simulation.h>

#include <thread>

#include "conformance/transport.h"

namespace owsk::conformance {

class SimTransport final : public Transport {
  public:
    SimTransport();

    Machine& start_machine(MachineOptions options) override;
    Platform new_platform(MachineOptions options) override;
    std::unique_ptr<Wire> new_wire() override;
    std::uint16_t random_port() override;
    bool add_address(const std::string& ip) override;
    bool remove_address(const std::string& ip) override;
    Simulation* simulation() override { return &simulation_; }
    TestThread start_thread(std::function<void()> body) override;
    void yield() override;
    void pause() override;
    void settle() override;
    std::chrono::nanoseconds now() const override;
    bool wait_until(const std::function<bool()>& condition) override;
    void announce_change() override {}  // the simulation looks after whatever happens

  private:
    const std::thread::id main_thread_ = std::this_thread::get_id();
    const OneCpu one_cpu_;
    Simulation simulation_;
    Computer& computer_;
};

}  // namespace owsk::conformance
