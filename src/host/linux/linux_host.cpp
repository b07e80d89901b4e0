// SPDX-License-Identifier: MIT
// What belongs to no single processor: threads and randomness.
#include "host/linux/linux_host.h"

#include <errno.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "host/drain.h"
#include "host/linux/linux_parker.h"
#include "host/linux/linux_thread.h"
#include "host/linux/memory_reserve.h"

namespace owsk::host {

LinuxHost::LinuxHost(unsigned processors) {
    OWSK_ASSERT(processors > 0);
    keep_memory_reserve();
    for (unsigned number = 0; number < processors; ++number) {
        processors_.push_back(
            std::make_unique<LinuxProcessor>(number, "processor " + std::to_string(number)));
    }
}

LinuxHost::~LinuxHost() {
    stop();
}

std::uint64_t LinuxHost::entropy() noexcept {
    std::uint64_t bits = 0;
    ssize_t length;
    do {
        length = ::getrandom(&bits, sizeof bits, 0);
    } while (length < 0 && errno == EINTR);
    OWSK_ASSERT(length == sizeof bits);
    return bits;
}

void LinuxHost::start(std::function<void()> enter) {
    OWSK_ASSERT(!running_);
    running_ = true;
    enter_ = std::move(enter);
    for (const auto& processor : processors_) {
        processor->start(enter_);
    }
}

void LinuxHost::stop() noexcept {
    if (!std::exchange(running_, false)) {
        return;
    }
    {
        const Lock lock(mutex_);
        for (const auto& [cpu, loop] : cpu_loops_) {
            loop->leave_cpu();
        }
    }
    LinuxParker parker;
    drain(parker, [this] { return loops(); });
    for (LinuxProcessor* loop : loops()) {
        loop->stop();
    }
    const Lock lock(mutex_);
    cpu_loops_.clear();
}

unsigned LinuxHost::cpu_count() noexcept {
    return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_CONF)));
}

LinuxProcessor* LinuxHost::cpu_loop(unsigned cpu) noexcept {
    const Lock lock(mutex_);
    std::unique_ptr<LinuxProcessor>& loop = cpu_loops_[cpu];
    if (loop == nullptr) {
        try {
            auto starting = std::make_unique<LinuxProcessor>(0, "cpu " + std::to_string(cpu));
            starting->start(enter_, cpu);
            loop = std::move(starting);
        } catch (const std::system_error&) {
            return nullptr;
        }
    }
    return loop.get();
}

std::vector<LinuxProcessor*> LinuxHost::loops() noexcept {
    std::vector<LinuxProcessor*> all;
    const Lock lock(mutex_);
    // First those that may act as others.
    for (const auto& [cpu, loop] : cpu_loops_) {
        all.push_back(loop.get());
    }
    for (const auto& processor : processors_) {
        all.push_back(processor.get());
    }
    return all;
}

unsigned LinuxHost::processor_count() const noexcept {
    return static_cast<unsigned>(processors_.size());
}

LinuxProcessor& LinuxHost::processor(unsigned number) noexcept {
    OWSK_ASSERT(number < processors_.size());
    return *processors_[number];
}

std::unique_ptr<Thread> LinuxHost::start_thread(const std::string& name,
                                                std::function<void()> body) {
    try {
        return std::make_unique<LinuxThread>(name, std::move(body));
    } catch (const std::system_error&) {
        return nullptr;
    }
}

std::unique_ptr<Parker> LinuxHost::new_parker() {
    return std::make_unique<LinuxParker>();
}

void LinuxHost::yield() noexcept {
    ::sched_yield();
}

}  // namespace owsk::host
