// SPDX-License-Identifier: MIT
// UnloadWatch: says every few seconds what a DriverUnload waits for, so that it never hangs
// silently.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/host.h"
#include "machine/wait_notices.h"
#include "probe/probes.h"

namespace owsk {

class UnloadWatch {
  public:
    // Announces probe `unload_waits` while the object lives, unless someone who knows better does.
    // `open_things` is called on another thread.
    UnloadWatch(host::Host& host,
                const probe::Probes& probes,
                const WaitNotices& notices,
                std::function<std::string()> open_things);
    ~UnloadWatch();
    UnloadWatch(const UnloadWatch&) = delete;
    UnloadWatch& operator=(const UnloadWatch&) = delete;

  private:
    void watch() const noexcept;

    host::Host& host_;
    const probe::Probes& probes_;
    const WaitNotices& notices_;
    const std::function<std::string()> open_things_;
    const std::unique_ptr<host::Parker> ended_;
    const std::unique_ptr<host::Thread> thread_;  // null when the system has none left
};

}  // namespace owsk
