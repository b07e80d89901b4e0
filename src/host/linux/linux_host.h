// SPDX-License-Identifier: MIT
// LinuxHost: the real machine.
#pragma once

#include <map>
#include <vector>

#include "base/mutex.h"
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
    Processor* current_processor() noexcept override { return LinuxProcessor::current(); }

    // CPUs of the system, whether we may use them or not.
    static unsigned cpu_count() noexcept;
    // The loop that stays on a CPU, for work that the system wants done there. It is no processor
    // of the machine, but may act as one (run_in_place). Started when first asked for, ended by
    // stop(). Null when the system gives no thread or descriptor. Precondition: started.
    LinuxProcessor* cpu_loop(unsigned cpu) noexcept OWSK_EXCLUDES(mutex_);

    std::unique_ptr<Thread> start_thread(const std::string& name,
                                         std::function<void()> body) override;
    std::unique_ptr<Parker> new_parker() override;
    void yield() noexcept override;

  private:
    std::vector<LinuxProcessor*> loops() noexcept OWSK_EXCLUDES(mutex_);

    LinuxClock clock_;
    LinuxFiles files_;
    std::vector<std::unique_ptr<LinuxProcessor>> processors_;
    std::function<void()> enter_;
    bool running_ = false;

    Mutex mutex_{Rank::loops};
    std::map<unsigned, std::unique_ptr<LinuxProcessor>> cpu_loops_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::host
