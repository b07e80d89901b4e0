// SPDX-License-Identifier: MIT
// ChoiceMaker: who goes on at a point where several could. Two ways: at random, and by priorities
// that change at a few random moments (PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A
// Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010), which finds
// orders that need one thread to be very late far sooner.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/prng.h"
#include "host/sim/player.h"

namespace owsk::host {

enum class Strategy : std::uint8_t { by_seed, random, priorities };

const char* strategy_name(Strategy strategy) noexcept;

class ChoiceMaker {
  public:
    struct Choices {
        std::span<Player* const> ready;  // one at least, in the order in which they became ready
        Player* current;                 // who could just go on; null if it is not ready
        const World& world;              // may_go_on() says whether the next event may happen now
    };

    virtual ~ChoiceMaker() = default;
    // Asked first at each point. True: the one who runs goes on.
    virtual bool stays() noexcept = 0;
    // Null: the next event.
    virtual Player* choose(const Choices& choices) noexcept = 0;
    // More players are ready than before.
    virtual void more_are_ready() noexcept {}
    virtual void joins(Player&) noexcept {}
    virtual void leaves(Player&) noexcept {}
    // It has nothing to do before others have run.
    virtual void yields(Player&) noexcept {}
};

struct StrategyOptions {
    Strategy strategy = Strategy::by_seed;
    // Strategy::random: at one of so many points another takes over. 0: the seed says.
    unsigned points_per_switch = 0;
    // Strategy::priorities: so many changes of priority within so many points. 0: the seed says.
    unsigned changes = 0;
    unsigned points = 0;
};

// Never Strategy::by_seed.
Strategy strategy_of(const StrategyOptions& options, Prng prng) noexcept;
std::unique_ptr<ChoiceMaker> make_choice_maker(const StrategyOptions& options, Prng prng);

}  // namespace owsk::host
