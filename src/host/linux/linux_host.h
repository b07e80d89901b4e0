// SPDX-License-Identifier: MIT
// LinuxHost: the real machine.
#pragma once

#include <vector>

#include "host/host.h"
#include "host/linux/linux_clock.h"
#include "host/linux/linux_files.h"
#include "host/linux/linux_processor.h"

namespace owsk::host {

class LinuxHost final : public Host {
  public:
    // Throws std::system_error when the system gives no descriptors.
    explicit LinuxHost(unsigned processors = 1);
    ~LinuxHost() override;

    Clock& clock() noexcept override { return clock_; }
    std::uint64_t entropy() noexcept override;
    Files& files() noexcept override { return files_; }

    void start(std::function<void()> enter) override;
    void stop() noexcept override;
    unsigned processor_count() const noexcept override;
    LinuxProcessor& processor(unsigned number) noexcept override;

    std::unique_ptr<Thread> start_thread(const std::string& name,
                                         std::function<void()> body) override;
    std::unique_ptr<Parker> new_parker() override;
    void yield() noexcept override;

  private:
    // Waits until no processor has work: a task may post to a processor that would else have ended.
    void drain() noexcept;
    std::uint64_t tasks_run() noexcept;

    LinuxClock clock_;
    LinuxFiles files_;
    std::vector<std::unique_ptr<LinuxProcessor>> processors_;
    bool running_ = false;
};

}  // namespace owsk::host
