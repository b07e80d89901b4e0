// SPDX-License-Identifier: MIT
// SimHost: the Host of one simulated computer in a World. Many can share one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.h"
#include "host/host.h"
#include "host/sim/memory_files.h"
#include "host/sim/sim_processor.h"
#include "host/sim/world.h"

namespace owsk::host {

class SimClock final : public Clock {
  public:
    explicit SimClock(const World& world) noexcept : world_(world) {}
    Instant now() const noexcept override { return world_.now(); }
    // Every run begins on the same day: 2024-01-01, 00:00 UTC.
    std::int64_t system_time() const noexcept override;

  private:
    const World& world_;
};

class SimHost final : public Host {
  public:
    // The name tells its threads from those of others, and says which entropy() it gets.
    SimHost(World& world, std::string name, unsigned processors = 1);
    ~SimHost() override;

    World& world() noexcept { return world_; }
    const std::string& name() const noexcept { return name_; }
    MemoryFiles& memory_files() noexcept { return files_; }

    Clock& clock() noexcept override { return clock_; }
    std::uint64_t entropy() noexcept override { return entropy_.next(); }
    Files& files() noexcept override { return files_; }

    void start(std::function<void()> enter) override;
    void stop() noexcept override;
    unsigned processor_count() const noexcept override;
    SimProcessor& processor(unsigned number) noexcept override;
    Processor* current_processor() noexcept override { return SimProcessor::current(world_); }

    // A loop that is no processor of the machine, but may act as one (run_in_place), as LinuxHost
    // has one for each CPU. Started when first asked for, ended by stop(). Null when the system has
    // no more threads to give. Precondition: started.
    SimProcessor* cpu_loop() noexcept;

    std::unique_ptr<Thread> start_thread(const std::string& name,
                                         std::function<void()> body) override;
    std::unique_ptr<Parker> new_parker() override { return world_.new_parker(); }
    void yield() noexcept override { world_.yield(); }

  private:
    std::vector<SimProcessor*> loops() noexcept;

    World& world_;
    const std::string name_;
    SimClock clock_;
    MemoryFiles files_;
    Prng entropy_;
    std::vector<std::unique_ptr<SimProcessor>> processors_;
    std::unique_ptr<SimProcessor> cpu_loop_;
    std::function<void()> enter_;
    bool running_ = false;
};

}  // namespace owsk::host
