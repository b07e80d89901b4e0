// SPDX-License-Identifier: MIT
// The report of a run that cannot go on: who waits for what, and where.
#include <cstdio>

#include "base/assert.h"
#include "host/sim/silence.h"
#include "host/sim/world.h"

namespace owsk::host {

namespace {

std::string seconds_of(Instant time) {
    char text[32];
    const double seconds = std::chrono::duration<double>(time.time_since_epoch()).count();
    std::snprintf(text, sizeof text, "%.9f s", seconds);
    return text;
}

bool is_idle(const Player& player) noexcept {
    return player.state == PlayerState::sleeping && player.sleep.purpose == Sleep::For::work;
}

std::string what_of(const Sleep& sleep) {
    return sleep.details == nullptr ? sleep.what
                                    : sleep.what + (" for " + sleep.details(sleep.object));
}

std::string activity_of(const Player& player, bool runs) {
    switch (player.state) {
        case PlayerState::ready:
            return runs ? "is running" : "could run";
        case PlayerState::sleeping:
            return "waits: " + what_of(player.sleep);
        case PlayerState::spinning:
            return "spins: " + what_of(player.sleep);
        case PlayerState::ended:
            return "has ended";
    }
    return "?";
}

}  // namespace

void World::await_turn(Player& self) noexcept {
    for (;;) {
        self.baton.take();
        if (!self.asked_for_stack) {
            watchdog_.watch_this_thread(&self == players_.front().get() ? patience_with_main : 1);
            return;
        }
        self.asked_for_stack = false;
        self.stack = write_stack();
        running_->baton.give();
    }
}

std::string World::write_stack() noexcept {
    const Silence silence;
    return stack_writer_ != nullptr ? stack_writer_() : "";
}

// Only a thread itself can say where it is.
void World::collect_stacks() noexcept {
    for (const auto& player : players_) {
        if (player->state == PlayerState::ended || is_idle(*player)) {
            continue;
        }
        if (player.get() == running_) {
            player->stack = write_stack();
            continue;
        }
        player->asked_for_stack = true;
        player->baton.give();
        running_->baton.take();
    }
}

std::string World::describe_players() const {
    std::string text;
    std::string idle;
    for (const auto& player : players_) {
        if (player->state == PlayerState::ended) {
            continue;
        }
        if (is_idle(*player)) {
            idle += (idle.empty() ? "" : ", ") + player->name;
            continue;
        }
        text += "  thread " + player->name + ' ' + activity_of(*player, player.get() == running_) +
                ", since " + seconds_of(player->since) + '\n' + player->stack;
    }
    return idle.empty() ? text : text + "  idle: " + idle + '\n';
}

void World::fail_without_points() noexcept {
    fail(WorldFailure::Kind::livelock,
         "Thread " + running_->name +
             " has been running for seconds without coming past a point at which another could go "
             "on: a loop over plain variables, for example.");
}

void World::fail(WorldFailure::Kind kind, const std::string& sentence) noexcept {
    const Silence silence;
    if (std::exchange(failing_, true)) {
        abort_after_report();
    }
    collect_stacks();
    WorldFailure failure{kind, ""};
    failure.text = std::string("openwsk: ") +
                   (kind == WorldFailure::Kind::deadlock ? "deadlock" : "livelock") + " at " +
                   seconds_of(now()) + ", seed " + std::to_string(seed()) + ". " + sentence + '\n' +
                   describe_players();
    if (!replay_.empty()) {
        failure.text += "  replay: " + replay_ + '\n';
    }
    if (failure_handler_ != nullptr) {
        failure_handler_(failure);
    } else {
        std::fputs(failure.text.c_str(), stderr);
    }
    abort_after_report();
}

}  // namespace owsk::host
