// SPDX-License-Identifier: MIT
// Time: when events happen, and what the main thread lets pass.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "host/sim/silence.h"
#include "host/sim/world.h"

namespace owsk::host {

void Player::Deadline::expire() noexcept {
    player.world.expire(player);
}

void World::expire(Player& player) noexcept {
    player.has_deadline = false;
    if (!is_counted(player)) {
        --uncounted_;
    }
    if (player.state == PlayerState::spinning) {
        fail(WorldFailure::Kind::livelock,
             "Thread " + player.name + " has been spinning for too long.");
    }
    if (player.sleep.purpose == Sleep::For::reminder) {
        --reminders_;
        reminded_ = true;
    }
    player.timed_out = true;
    make_ready(player);
}

// Whether its deadline makes something happen.
bool World::is_counted(const Player& player) const noexcept {
    const bool limit = main_runs_world_ && &player == players_.front().get();
    return player.state == PlayerState::sleeping && player.sleep.purpose != Sleep::For::reminder &&
           !limit;
}

void World::set_deadline(Player& player, Instant due) noexcept {
    player.has_deadline = true;
    if (!is_counted(player)) {
        ++uncounted_;
    }
    if (player.sleep.purpose == Sleep::For::reminder) {
        ++reminders_;
    }
    events_.set_timer(player.deadline, due);
}

void World::clear_deadline(Player& player) noexcept {
    if (!std::exchange(player.has_deadline, false)) {
        return;
    }
    if (!is_counted(player)) {
        --uncounted_;
    }
    if (player.sleep.purpose == Sleep::For::reminder) {
        --reminders_;
    }
    events_.cancel_timer(player.deadline);
}

void World::run_for(Duration time) noexcept {
    run_until(nullptr, time);
}

bool World::run_until(std::function<bool()> condition, Duration limit) noexcept {
    OWSK_ASSERT(&self("run_until") == players_.front().get() && !main_runs_world_);
    const Instant end = now() + limit;
    condition_ = std::move(condition);
    bool holds = false;
    const auto look = [&] {
        const Silence silence;
        holds = condition_ != nullptr && condition_();
        return holds;
    };
    main_runs_world_ = true;
    while (!look() && now() < end) {
        sleep(end, {Sleep::For::something, "the world (run_until)"});
    }
    main_runs_world_ = false;
    condition_ = nullptr;
    return holds;
}

void World::happen() noexcept {
    const Silence silence;
    const Instant before = now();
    reminded_ = false;
    in_event_ = true;
    events_.step();
    in_event_ = false;
    choices_.add({Choice::Kind::event, Point::wait, running_->number, now()});
    reminders_in_a_row_ = reminded_ ? reminders_in_a_row_ + 1 : 0;
    points_without_event_ = 0;
    last_event_ = now();
    if (now() != before) {
        points_at_this_time_ = 0;
    }
    const Player& main = *players_.front();
    if (main.state == PlayerState::sleeping && !main.has_deadline &&
        now() - main.since > options_.wait_max) {
        fail(WorldFailure::Kind::livelock,
             "The main thread has waited for too long, while other things went on.");
    }
}

void World::tick(Duration length, std::uint64_t points) noexcept {
    points_at_this_time_ = 0;
    points_without_event_ += points;
    if (points_without_event_ > options_.points_max) {
        fail(WorldFailure::Kind::livelock,
             "Threads have been running for very long, and nothing else happened.");
    }
    // Who waits for an hour in a loop is not to come past it four billion times.
    constexpr unsigned least_share = 256;
    constexpr Duration longest = std::chrono::hours(1);
    const Instant end =
        now() + std::clamp<Duration>((now() - last_event_) / least_share, length, longest);
    const std::optional<Instant> next = events_.next();
    if (next && *next <= end) {
        happen();
        look_at_condition();
    } else {
        events_.run_until(end);
    }
}

bool World::may_go_on() const noexcept {
    const std::optional<Instant> next = events_.next();
    if (!next) {
        return false;
    }
    if (players_.front()->state == PlayerState::ready && *next > now()) {
        return false;
    }
    const auto waits_since = [](const Player* one, const Player* other) {
        return one->since < other->since;
    };
    const Player* const longest = *std::min_element(ready_.begin(), ready_.end(), waits_since);
    return *next <= longest->since + options_.slowest_code;
}

void World::require_hope() noexcept {
    if (events_.size() > uncounted_) {
        return;
    }
    if (!spinners_.empty()) {
        fail(WorldFailure::Kind::deadlock,
             "A thread spins, and nobody can run who could make an end of it.");
    }
    if (main_runs_world_) {
        return;
    }
    // Each that only speaks up may do so, so that it is heard what it waits for.
    if (events_.size() == 0 || reminders_in_a_row_ >= 2 * reminders_) {
        fail(WorldFailure::Kind::deadlock, "Nobody can run, and nothing is going to happen.");
    }
}

}  // namespace owsk::host
