// SPDX-License-Identifier: MIT
// LinuxThread: a thread of the system, with a name that debuggers and top(1) show.
#pragma once

#include <thread>

#include "host/host.h"

namespace owsk::host {

// Names the calling thread. Linux shows the first 15 bytes.
void name_this_thread(const std::string& name) noexcept;

// Starts a thread that nobody joins: it may outlive the host, and must own all that it uses. False
// when the system has no more threads to give.
bool start_detached_thread(const std::string& name, std::function<void()> body) noexcept;

class LinuxThread final : public Thread {
  public:
    // Throws std::system_error when the system has no more threads to give.
    LinuxThread(std::string name, std::function<void()> body);
    ~LinuxThread() override;

    void join() noexcept override { thread_.join(); }

  private:
    std::thread thread_;
};

}  // namespace owsk::host
