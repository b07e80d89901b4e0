// SPDX-License-Identifier: MIT
// From its start to its first turn, and from its last turn to its end, a thread touches nothing
// that others see.
#include "host/sim/sim_thread.h"

#include <utility>

#include "base/assert.h"

namespace owsk::host {

std::unique_ptr<Thread> SimThread::start(World& world, Player& player, std::function<void()> body) {
    std::unique_ptr<SimThread> thread(new SimThread(world, player));
    const bool started = thread->thread_.start(
        [&world, &player, body = std::move(body)]() mutable {
            name_real_thread(player.name);
            world.enter(player);
            body();
            // What it has captured goes while the thread still has the turn.
            body = nullptr;
        },
        thread->stack_);
    if (!started) {
        world.memory_.free_stack(thread->stack_);
        world.forget(player);
        return nullptr;
    }
    return thread;
}

SimThread::SimThread(World& world, Player& player) noexcept
    : world_(world), player_(player), stack_(world.memory_.new_stack()) {}

SimThread::~SimThread() {
    OWSK_ASSERT(!thread_.is_running());
}

void SimThread::join() noexcept {
    world_.join(player_);
    thread_.join();
    world_.memory_.free_stack(stack_);
}

}  // namespace owsk::host
