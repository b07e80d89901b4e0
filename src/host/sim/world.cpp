// SPDX-License-Identifier: MIT
// Turns: how they are given, taken, slept through and ended.
#include "host/sim/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/assert.h"
#include "host/sim/silence.h"
#include "host/sim/sim_parker.h"
#include "host/sim/sim_thread.h"

namespace owsk::host {

namespace {

constinit thread_local Player* current_player = nullptr;

// So many points at one moment are a tick of the clock.
constexpr unsigned points_per_tick = 4'096;
constexpr unsigned points_of_a_yield = 256;
constexpr Duration tick_of_points = std::chrono::microseconds(100);
constexpr Duration tick_of_yield = std::chrono::microseconds(10);

[[noreturn]] void wrong_thread(const char* function, const char* why) noexcept {
    std::fprintf(stderr,
                 "openwsk: %s of a simulated world was called on a thread %s.\n"
                 "Everything in a simulation runs on threads that the simulation started, or on "
                 "the thread that created it.\n",
                 function,
                 why);
    std::abort();
}

}  // namespace

// The end of a started thread, after the destructors of everything thread-local that its body has
// made: they are the body's too.
struct World::LastStep {
    ~LastStep() {
        if (player != nullptr) {
            player->world.leave(*player);
        }
    }
    Player* player = nullptr;
};

World::World(const WorldOptions& options)
    : options_(options),
      strategy_(strategy_of(options.choices, stream("strategy"))),
      choice_maker_(make_choice_maker(
          [&] {
              StrategyOptions choices = options.choices;
              choices.strategy = strategy_;
              return choices;
          }(),
          stream("choices"))),
      watchdog_(this, [](void* world) { static_cast<World*>(world)->fail_without_points(); }),
      choices_(options.keep_choices),
      outer_player_(current_player),
      outer_interleaver_(owsk::detail::interleaver) {
    OWSK_ASSERT(holds_no_lock());
    running_ = &add_player("main");
    current_player = running_;
    watchdog_.watch_this_thread(patience_with_main);
    owsk::detail::interleaver = this;
    __atomic_fetch_add(&owsk_simulations, 1, __ATOMIC_RELAXED);
}

World::~World() {
    self("the destructor");
    for (const auto& player : players_) {
        const bool over = player->state == PlayerState::ended || player.get() == running_;
        if (!over || running_ != players_.front().get()) {
            fail(WorldFailure::Kind::deadlock,
                 "The simulation ends, but thread " + player->name + " has not ended.");
        }
    }
    __atomic_fetch_sub(&owsk_simulations, 1, __ATOMIC_RELAXED);
    owsk::detail::interleaver = outer_interleaver_;
    current_player = outer_player_;
}

Prng World::stream(std::string_view purpose) const noexcept {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char letter : purpose) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
    }
    // Neighbouring seeds must not give shifted copies of one sequence.
    return Prng(Prng(options_.seed).next() ^ hash).split();
}

Player& World::self(const char* function) noexcept {
    if (current_player == nullptr) {
        wrong_thread(function, "that does not belong to it");
    }
    if (&current_player->world != this) {
        wrong_thread(function, "of another simulated world");
    }
    OWSK_ASSERT(current_player == running_);
    return *current_player;
}

Player& World::add_player(const std::string& name) {
    const unsigned uses = ++names_[name];
    const std::string unique = uses == 1 ? name : name + " (" + std::to_string(uses) + ')';
    players_.push_back(
        std::make_unique<Player>(*this, static_cast<unsigned>(players_.size()), unique));
    Player& player = *players_.back();
    choice_maker_->joins(player);
    make_ready(player);
    return player;
}

std::unique_ptr<Thread> World::start_thread(const std::string& name, std::function<void()> body) {
    self("start_thread");
    return SimThread::start(*this, add_player(name), std::move(body));
}

std::unique_ptr<Parker> World::new_parker() {
    return std::make_unique<SimParker>(*this);
}

void World::enter(Player& player) noexcept {
    static thread_local LastStep last_step;
    last_step.player = &player;
    current_player = &player;
    await_turn(player);
    owsk::detail::interleaver = this;
}

void World::leave(Player& player) noexcept {
    OWSK_ASSERT(holds_no_lock());
    owsk::detail::interleaver = nullptr;
    choice_maker_->leaves(player);
    stop_running(player, PlayerState::ended);
    if (player.joiner != nullptr) {
        wake(*player.joiner);
    }
    Player& next = choose(nullptr);
    // From here on nothing of the world may be touched.
    current_player = nullptr;
    running_ = &next;
    ++hand_overs_;
    choices_.add({Choice::Kind::turn, Point::wait, next.number, now()});
    next.baton.give();
}

void World::forget(Player& player) noexcept {
    choice_maker_->leaves(player);
    std::erase(ready_, &player);
    player.state = PlayerState::ended;
}

void World::join(Player& player) noexcept {
    Player& caller = self("Thread::join");
    const std::string what = "the end of thread " + player.name;
    player.joiner = &caller;
    while (player.state != PlayerState::ended) {
        sleep(std::nullopt, {Sleep::For::something, what.c_str()});
    }
    player.joiner = nullptr;
}

void World::pass(Point point) noexcept {
    watchdog_.pulse();
    choices_.add({Choice::Kind::point, point, running_->number, now()});
    if (!spinners_.empty()) {
        look_at_spinners();
    }
    count_points(point == Point::clock ? points_of_a_yield : 1);
    if (ready_.size() == 1 && events_.size() == 0) {
        return;
    }
    if (main_is_due() || !choice_maker_->stays()) {
        hand_over(choose(running_));
    }
}

void World::count_points(unsigned points) noexcept {
    points_at_this_time_ += points;
    // Nothing but such loops for a while: they had better not take long.
    const bool only_loops = now() - last_event_ > options_.slowest_code;
    const unsigned limit = only_loops ? points_per_tick / 16 : points_per_tick;
    if (points_at_this_time_ < limit) {
        return;
    }
    const Player& main = *players_.front();
    if (main.state == PlayerState::ready && &main != running_) {
        main_has_waited_ = true;
        points_at_this_time_ = 0;
    } else {
        tick(tick_of_points, std::max(limit / points, 1U));
    }
}

void World::yield() noexcept {
    Player& caller = self("yield");
    OWSK_ASSERT(holds_no_lock() && !in_event_);
    watchdog_.pulse();
    choices_.add({Choice::Kind::point, Point::wait, caller.number, now()});
    look_at_spinners();
    choice_maker_->yields(caller);
    if (now() - caller.since > options_.yield_max) {
        fail(WorldFailure::Kind::livelock,
             "Thread " + caller.name +
                 " has been running in a loop that waits for others for too long.");
    }
    if (ready_.size() == 1) {
        tick(tick_of_yield, 1);
        look_at_condition();
    } else {
        count_points(points_of_a_yield);
    }
    if (main_is_due()) {
        hand_over(choose(&caller));
        return;
    }
    if (ready_.size() == 1) {
        return;
    }
    // Ready, but not to be chosen before somebody else has run, or something has happened.
    std::erase(ready_, &caller);
    Player* const next = choice_maker_->choose({ready_, nullptr, *this});
    if (next == nullptr) {
        happen();
    }
    ready_.push_back(&caller);
    choice_maker_->more_are_ready();
    hand_over(next != nullptr ? *next : choose(&caller));
}

void World::wait_until(bool (*is_over)(const void* object) noexcept,
                       const void* object,
                       const char* what) noexcept {
    Player& caller = self("wait_until");
    OWSK_ASSERT(holds_no_lock() && !in_event_);
    if (is_over(object)) {
        return;
    }
    caller.is_over = is_over;
    caller.object = object;
    caller.sleep = {Sleep::For::something, what};
    stop_running(caller, PlayerState::spinning);
    spinners_.push_back(&caller);
    set_deadline(caller, now() + options_.spin_max);
    hand_over(choose(nullptr));
}

bool World::sleep(std::optional<Instant> deadline, const Sleep& sleep) noexcept {
    Player& caller = self("a wait");
    OWSK_ASSERT(holds_no_lock() && !in_event_);
    if (deadline && *deadline <= now()) {
        owsk::pass(Point::wait);
        return false;
    }
    caller.sleep = sleep;
    caller.timed_out = false;
    stop_running(caller, PlayerState::sleeping);
    if (deadline) {
        set_deadline(caller, *deadline);
    }
    hand_over(choose(nullptr));
    return !caller.timed_out;
}

void World::stop_running(Player& self, PlayerState state) noexcept {
    std::erase(ready_, &self);
    self.state = state;
    self.since = now();
}

void World::wake(Player& player) noexcept {
    if (player.state == PlayerState::sleeping) {
        clear_deadline(player);
        make_ready(player);
    }
}

void World::make_ready(Player& player) noexcept {
    player.state = PlayerState::ready;
    player.since = now();
    ready_.push_back(&player);
    choice_maker_->more_are_ready();
}

Player& World::choose(Player* current) noexcept {
    bool rested = current == nullptr;
    for (;;) {
        look_at_spinners();
        if (rested) {
            look_at_condition();
        }
        if (main_is_due()) {
            return *players_.front();
        }
        if (ready_.empty()) {
            require_hope();
            happen();
            continue;
        }
        Player* const next = choice_maker_->choose({ready_, current, *this});
        if (next != nullptr) {
            return *next;
        }
        happen();
        rested = true;
    }
}

void World::hand_over(Player& next) noexcept {
    Player& before = *running_;
    if (&next == &before) {
        return;
    }
    choices_.add({Choice::Kind::turn, Point::wait, next.number, now()});
    ++hand_overs_;
    main_has_waited_ = main_has_waited_ && &next != players_.front().get();
    running_ = &next;
    next.baton.give();
    await_turn(before);
}

void World::look_at_spinners() noexcept {
    if (spinners_.empty()) {
        return;
    }
    std::erase_if(spinners_, [this](Player* player) {
        if (!player->is_over(player->object)) {
            return false;
        }
        clear_deadline(*player);
        make_ready(*player);
        return true;
    });
}

bool World::main_is_due() const noexcept {
    Player* const main = players_.front().get();
    return (main_runs_world_ || main_has_waited_) && main != running_ &&
           main->state == PlayerState::ready;
}

void World::look_at_condition() noexcept {
    Player& main = *players_.front();
    if (condition_ == nullptr || main.state != PlayerState::sleeping) {
        return;
    }
    const Silence silence;
    if (condition_()) {
        wake(main);
    }
}

}  // namespace owsk::host
