// SPDX-License-Identifier: MIT
// From its start to its first turn, and from its last turn to its end, a thread touches nothing
// that others see.
#include "host/sim/sim_thread.h"

#include <system_error>
#include <utility>

#include "base/assert.h"

namespace owsk::host {

std::unique_ptr<Thread> SimThread::start(World& world, Player& player, std::function<void()> body) {
    try {
        return std::unique_ptr<Thread>(new SimThread(world, player, std::move(body)));
    } catch (const std::system_error&) {
        world.forget(player);
        return nullptr;
    }
}

SimThread::SimThread(World& world, Player& player, std::function<void()> body)
    : world_(world), player_(player), thread_([&world, &player, body = std::move(body)]() mutable {
          name_real_thread(player.name);
          world.enter(player);
          body();
          // What it has captured goes while the thread still has the turn.
          body = nullptr;
      }) {}

SimThread::~SimThread() {
    OWSK_ASSERT(!thread_.joinable());
}

void SimThread::join() noexcept {
    world_.join(player_);
    thread_.join();
}

}  // namespace owsk::host
