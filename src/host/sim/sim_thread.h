// SPDX-License-Identifier: MIT
// SimThread: a real thread that runs only when it has the turn.
#pragma once

#include <functional>
#include <memory>

#include "host/sim/real_thread.h"
#include "host/sim/world.h"

namespace owsk::host {

class SimThread final : public Thread {
  public:
    // Null when the system has no more threads to give.
    static std::unique_ptr<Thread> start(World& world, Player& player, std::function<void()> body);
    ~SimThread() override;

    void join() noexcept override;

  private:
    SimThread(World& world, Player& player) noexcept;

    World& world_;
    Player& player_;
    const Stack stack_;
    RealThread thread_;
};

}  // namespace owsk::host
