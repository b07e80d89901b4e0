// SPDX-License-Identifier: MIT
// Shortage: what a listener does when the system has no descriptor or memory for a connection. It
// tries again after a pause, so that nothing spins, and says so once, not for each client.
#pragma once

#include "host/linux/linux_clock.h"
#include "net/bound.h"
#include "net/network.h"

namespace owsk::net {

class Shortage {
  public:
    // `again` is run on the processor and tries to accept.
    explicit Shortage(host::Task& again) noexcept : again_(again) {}

    void start(host::Processor& processor, ListenerEvents& events) noexcept;
    // A connection waits, and there was nothing to accept it with. Any thread, after start().
    void meet() noexcept;
    // Nothing is tried or announced afterwards. On the processor, after start().
    void end() noexcept;

  private:
    void pause_is_over() noexcept;
    void calm_has_come() noexcept;

    const host::LinuxClock clock_;
    host::Task& again_;
    host::Processor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    bool announced_ = false;  // used only on the processor
    BoundTimer<Shortage, &Shortage::pause_is_over> pause_{*this};
    BoundTimer<Shortage, &Shortage::calm_has_come> calm_{*this};
};

}  // namespace owsk::net
