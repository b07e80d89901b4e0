// SPDX-License-Identifier: MIT
// What belongs to no single processor: threads, randomness, the limits of the process.
#include "host/linux/linux_host.h"

#include <errno.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <system_error>
#include <utility>

#include "base/assert.h"
#include "host/linux/linux_parker.h"
#include "host/linux/linux_thread.h"

namespace owsk::host {

namespace {

// A connection is a descriptor, and the soft limit is low only for the sake of select(2).
void raise_descriptor_limit() noexcept {
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// Tells a waiting thread that the processor has come past it.
class Marker final : public Task {
  public:
    void run() noexcept override { parker_.unpark(); }
    void wait() noexcept { parker_.park(std::nullopt); }

  private:
    LinuxParker parker_;
};

}  // namespace

LinuxHost::LinuxHost(unsigned processors) {
    OWSK_ASSERT(processors > 0);
    raise_descriptor_limit();
    for (unsigned number = 0; number < processors; ++number) {
        processors_.push_back(std::make_unique<LinuxProcessor>(number));
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
    for (const auto& processor : processors_) {
        processor->start(enter);
    }
}

void LinuxHost::stop() noexcept {
    if (!std::exchange(running_, false)) {
        return;
    }
    drain();
    for (const auto& processor : processors_) {
        processor->stop();
    }
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

void LinuxHost::drain() noexcept {
    std::uint64_t before;
    do {
        before = tasks_run();
        for (const auto& processor : processors_) {
            Marker marker;
            processor->post(marker);
            marker.wait();
        }
        // Quiet means that a whole round ran nothing but our own markers.
    } while (tasks_run() - before > processors_.size());
}

std::uint64_t LinuxHost::tasks_run() noexcept {
    std::uint64_t sum = 0;
    for (const auto& processor : processors_) {
        sum += processor->tasks_run();
    }
    return sum;
}

}  // namespace owsk::host
