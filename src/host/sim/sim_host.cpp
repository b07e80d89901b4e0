// SPDX-License-Identifier: MIT
// What belongs to no single processor of a simulated computer.
#include "host/sim/sim_host.h"

#include <system_error>
#include <utility>

#include "base/assert.h"
#include "host/drain.h"

namespace owsk::host {

namespace {

// 2024-01-01, counted from 1601-01-01.
constexpr std::int64_t first_day_s = 13'348'540'800;

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
    enter_ = std::move(enter);
    for (const auto& processor : processors_) {
        if (!processor->start(enter_)) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "a thread for " + name_);
        }
    }
}

void SimHost::stop() noexcept {
    if (!std::exchange(running_, false)) {
        return;
    }
    SimParker parker(world_);
    drain(parker, [this] { return loops(); });
    for (SimProcessor* loop : loops()) {
        loop->stop();
    }
    cpu_loop_.reset();
}

SimProcessor* SimHost::cpu_loop() noexcept {
    OWSK_ASSERT(running_);
    if (cpu_loop_ == nullptr) {
        auto starting = std::make_unique<SimProcessor>(world_, 0, name_ + "/cpu loop");
        if (!starting->start(enter_)) {
            return nullptr;
        }
        cpu_loop_ = std::move(starting);
    }
    return cpu_loop_.get();
}

std::vector<SimProcessor*> SimHost::loops() noexcept {
    std::vector<SimProcessor*> all;
    // First the one that may act as others.
    if (cpu_loop_ != nullptr) {
        all.push_back(cpu_loop_.get());
    }
    for (const auto& processor : processors_) {
        all.push_back(processor.get());
    }
    return all;
}

unsigned SimHost::processor_count() const noexcept {
    return static_cast<unsigned>(processors_.size());
}

SimProcessor& SimHost::processor(unsigned number) noexcept {
    OWSK_ASSERT(number < processors_.size());
    return *processors_[number];
}

std::unique_ptr<Thread> SimHost::start_thread(const std::string& name, std::function<void()> body) {
    return world_.start_thread(name_ + '/' + name, std::move(body));
}

}  // namespace owsk::host
