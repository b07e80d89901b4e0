// SPDX-License-Identifier: MIT
// How much of everything a run has is itself a choice of its seed: runs that switch at every other
// point find other faults than runs that hardly switch at all.
#include "host/sim/strategy.h"

#include <algorithm>
#include <vector>

#include "host/sim/world.h"

namespace owsk::host {

namespace {

template <std::size_t count>
unsigned one_of(const unsigned (&values)[count], Prng& prng) noexcept {
    return values[prng.below(count)];
}

class RandomChoice final : public ChoiceMaker {
  public:
    RandomChoice(const StrategyOptions& options, Prng prng) noexcept : prng_(prng) {
        const unsigned drawn = one_of({2, 3, 5, 10, 20, 50, 100}, prng_);
        const unsigned points = options.points_per_switch != 0 ? options.points_per_switch : drawn;
        switch_below_ = ~std::uint64_t{0} / points;
        world_percent_ = one_of({5, 20, 50, 80}, prng_);
    }

    bool stays() noexcept override { return prng_.next() > switch_below_; }

    Player* choose(const Choices& choices) noexcept override {
        if (choices.world.may_go_on() && prng_.chance(world_percent_)) {
            return nullptr;
        }
        const std::size_t others = choices.ready.size() - (choices.current != nullptr ? 1 : 0);
        if (others == 0) {
            return choices.current;
        }
        std::size_t index = prng_.below(others);
        for (Player* player : choices.ready) {
            if (player != choices.current && index-- == 0) {
                return player;
            }
        }
        return choices.current;
    }

  private:
    Prng prng_;
    std::uint64_t switch_below_;
    unsigned world_percent_;
};

class PriorityChoice final : public ChoiceMaker {
  public:
    PriorityChoice(const StrategyOptions& options, Prng prng) : prng_(prng) {
        const unsigned drawn_changes = one_of({1, 2, 3, 5}, prng_);
        const unsigned drawn_points = one_of({16, 64, 256, 1'024, 4'096, 16'384}, prng_);
        changes_.resize(options.changes != 0 ? options.changes : drawn_changes);
        points_ = options.points != 0 ? options.points : drawn_points;
        begin_round();
    }

    bool stays() noexcept override {
        ++point_;
        ++in_a_row_;
        // Nothing has changed since the last choice.
        return point_ < next_look_ && in_a_row_ < in_a_row_max && !more_are_ready_ &&
               last_ != nullptr && last_->priority > world_;
    }

    Player* choose(const Choices& choices) noexcept override {
        Player* best = highest(choices.ready);
        if (best == last_ && in_a_row_ >= in_a_row_max && choices.ready.size() > 1) {
            // It may well be waiting for one of the others in a loop of its own.
            yields(*best);
            best = highest(choices.ready);
        }
        if (point_ >= next_look_) {
            change(*best, choices.world);
            best = highest(choices.ready);
        }
        more_are_ready_ = false;
        if (best != last_) {
            last_ = best;
            in_a_row_ = 0;
        }
        return world_goes_before(*best, choices.world) ? nullptr : best;
    }

    void more_are_ready() noexcept override { more_are_ready_ = true; }
    void joins(Player& player) noexcept override {
        players_.push_back(&player);
        player.priority = high();
    }
    void leaves(Player& player) noexcept override {
        std::erase(players_, &player);
        last_ = last_ == &player ? nullptr : last_;
    }
    // Below everybody, the world and all change points included.
    void yields(Player& player) noexcept override { player.priority = --bottom_; }

  private:
    // Priorities of the changed ones are below this, those of the others above.
    static constexpr std::int64_t changed_below = std::int64_t{1} << 32;
    static constexpr unsigned in_a_row_max = 10'000;

    static Player* highest(std::span<Player* const> ready) noexcept {
        Player* best = ready.front();
        for (Player* player : ready) {
            if (player->priority > best->priority) {
                best = player;
            }
        }
        return best;
    }

    std::int64_t high() noexcept {
        return changed_below + static_cast<std::int64_t>(prng_.next() >> 2);
    }

    void demote(std::int64_t& priority) noexcept {
        priority =
            static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(changed_below)));
    }

    bool world_goes_before(const Player& player, const World& world) const noexcept {
        return world_ > player.priority && world.may_go_on();
    }

    // A change point, or the end of a round.
    void change(Player& best, const World& world) noexcept {
        if (next_change_ == changes_.size()) {
            begin_round();
            return;
        }
        ++next_change_;
        demote(world_goes_before(best, world) ? world_ : best.priority);
        next_look_ = next_change_ < changes_.size() ? changes_[next_change_] : points_;
    }

    // New priorities and change points. How long a run is, nobody knows beforehand.
    void begin_round() noexcept {
        point_ = 0;
        next_change_ = 0;
        for (std::uint64_t& change : changes_) {
            change = 1 + prng_.below(points_);
        }
        std::sort(changes_.begin(), changes_.end());
        next_look_ = changes_.front();
        world_ = high();
        for (Player* player : players_) {
            player->priority = high();
        }
    }

    Prng prng_;
    std::vector<Player*> players_;
    std::int64_t world_ = 0;
    std::int64_t bottom_ = 0;
    std::vector<std::uint64_t> changes_;
    std::size_t next_change_ = 0;
    std::uint64_t points_ = 0;
    std::uint64_t point_ = 0;
    std::uint64_t next_look_ = 0;
    bool more_are_ready_ = false;
    const Player* last_ = nullptr;
    unsigned in_a_row_ = 0;
};

}  // namespace

const char* strategy_name(Strategy strategy) noexcept {
    switch (strategy) {
        case Strategy::by_seed:
            return "by-seed";
        case Strategy::random:
            return "random";
        case Strategy::priorities:
            return "priorities";
    }
    return "?";
}

Strategy strategy_of(const StrategyOptions& options, Prng prng) noexcept {
    if (options.strategy != Strategy::by_seed) {
        return options.strategy;
    }
    return prng.chance(50) ? Strategy::random : Strategy::priorities;
}

std::unique_ptr<ChoiceMaker> make_choice_maker(const StrategyOptions& options, Prng prng) {
    // The same numbers follow, whether the strategy was given or drawn.
    const Strategy strategy = strategy_of(options, prng.split());
    if (strategy == Strategy::random) {
        return std::make_unique<RandomChoice>(options, prng);
    }
    return std::make_unique<PriorityChoice>(options, prng);
}

}  // namespace owsk::host
