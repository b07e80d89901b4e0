// SPDX-License-Identifier: MIT
// LinuxTransport: the real machine, its threads, and sockets of the Linux kernel.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <vector>

#include "conformance/transport.h"
#include "host/linux/linux_processor.h"

namespace owsk::conformance {

class LinuxTransport final : public Transport {
  public:
    LinuxTransport();
    ~LinuxTransport() override;
    Machine& start_machine(MachineOptions options) override;
    Platform new_platform(MachineOptions options) override;
    std::unique_ptr<Wire> new_wire() override;
    std::uint16_t random_port() override;
    bool add_address(const std::string& ip) override;
    bool remove_address(const std::string& ip) override;
    Unknown statuses_of_unknown() override;
    TestThread start_thread(std::function<void()> body) override;
    void yield() override;
    void pause() override { yield(); }
    void settle() override;
    std::chrono::nanoseconds now() const override;
    bool wait_until(const std::function<bool()>& condition) override;
    void announce_change() override;

  private:
    class Marker;
    void pass(const std::vector<host::LinuxProcessor*>& loops);

    std::mt19937 ports_{std::random_device{}()};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::multiset<const host::LinuxProcessor*> waiting_;  // for the test; under the lock
    std::vector<std::unique_ptr<Marker>> markers_;        // outlive the machine
    std::unique_ptr<Machine> machine_;
};

}  // namespace owsk::conformance
