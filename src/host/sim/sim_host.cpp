// SPDX-License-Identifier: MIT
// What belongs to no single processor of a simulated computer.
#include "host/sim/sim_host.h"

#include <system_error>
#include <utility>

#include "base/assert.h"

namespace owsk::host {

namespace {

// 2024-01-01, counted from 1601-01-01.
constexpr std::int64_t first_day_s = 13'348'540'800;

// Tells a waiting thread that the processor has come past it.
class Marker final : public Task {
  public:
    explicit Marker(World& world) noexcept : parker_(world) {}
    void run() noexcept override { parker_.unpark(); }
    void wait() noexcept {
        parker_.park(std::nullopt, {Sleep::For::something, "what is posted to a processor"});
    }

  private:
    SimParker parker_;
};

}  // namespace

std::int64_t SimClock::system_time() const noexcept {
    return first_day_s * 10'000'000 + world_.now().time_since_epoch().count() / 100;
}

SimHost::SimHost(World& world, std::string name, unsigned processors)
    : world_(world),
      name_(std::move(name)),
      clock_(world),
      entropy_(world.stream("entropy of " + name_)) {
    OWSK_ASSERT(processors > 0);
    for (unsigned number = 0; number < processors; ++number) {
        processors_.push_back(std::make_unique<SimProcessor>(
            world_, number, name_ + "/processor " + std::to_string(number)));
    }
}

SimHost::~SimHost() {
    stop();
}

void SimHost::start(std::function<void()> enter) {
    OWSK_ASSERT(!running_);
    running_ = true;
    for (const auto& processor : processors_) {
        if (!processor->start(enter)) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "a thread for " + name_);
        }
    }
}

void SimHost::stop() noexcept {
    if (!std::exchange(running_, false)) {
        return;
    }
    drain();
    for (const auto& processor : processors_) {
        processor->stop();
    }
}

unsigned SimHost::processor_count() const noexcept {
    return static_cast<unsigned>(processors_.size());
}

Processor& SimHost::processor(unsigned number) noexcept {
    OWSK_ASSERT(number < processors_.size());
    return *processors_[number];
}

std::unique_ptr<Thread> SimHost::start_thread(const std::string& name, std::function<void()> body) {
    return world_.start_thread(name_ + '/' + name, std::move(body));
}

void SimHost::drain() noexcept {
    std::uint64_t before;
    do {
        before = tasks_run();
        for (const auto& processor : processors_) {
            Marker marker(world_);
            processor->post(marker);
            marker.wait();
        }
        // Quiet means that a whole round ran nothing but our own markers.
    } while (tasks_run() - before > processors_.size());
}

std::uint64_t SimHost::tasks_run() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& processor : processors_) {
        sum += processor->tasks_run();
    }
    return sum;
}

}  // namespace owsk::host
