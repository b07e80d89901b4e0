// SPDX-License-Identifier: MIT
// Player: a thread of a World, as the others see it. Players take turns.
#pragma once

#include <cstdint>
#include <string>

#include "host/host.h"
#include "host/sim/real_thread.h"

namespace owsk::host {

class World;

enum class PlayerState : std::uint8_t {
    ready,     // has the turn, or could take it
    sleeping,  // until somebody wakes it, or its deadline
    spinning,  // until `is_over`
    ended,
};

struct Player {
    // The end of a sleep by the clock.
    class Deadline final : public Timer {
      public:
        explicit Deadline(Player& owner) noexcept : player(owner) {}
        void expire() noexcept override;
        Player& player;
    };

    Player(World& owner, unsigned its_number, std::string its_name)
        : world(owner), number(its_number), name(std::move(its_name)) {}
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    World& world;
    const unsigned number;  // in the order of their start
    const std::string name;
    Baton baton;

    PlayerState state = PlayerState::ready;
    Instant since;              // when it came into this state
    std::int64_t priority = 0;  // of Strategy::priorities

    // What it waits for while it sleeps or spins.
    Sleep sleep;
    Deadline deadline{*this};
    bool has_deadline = false;
    bool timed_out = false;
    bool (*is_over)(const void* object) noexcept = nullptr;
    const void* object = nullptr;
    Player* joiner = nullptr;  // who sleeps until this one has ended

    bool asked_for_stack = false;
    std::string stack;
};

}  // namespace owsk::host
