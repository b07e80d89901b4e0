// SPDX-License-Identifier: MIT
// World: a simulated world, in which time is virtual and threads take turns. Its threads are real
// ones, but exactly one runs at a time: at each point (base/interleave.h) a seed says whether it
// goes on, another takes over, or the next event of the world happens. So nothing in it needs a
// lock, and the same seed gives the same run.
//
// Code takes no time. The clock moves when an event happens, which is the case when nobody can run,
// or when the seed lets the world be faster than the code (by `slowest_code` at most); and a little
// when threads do nothing but ask whether it has.
//
// The main thread is the experiment, the others are what it tries, and only they are ever late:
// when the time or the condition has come for which the main thread let the world go on, it has the
// next turn, and the clock stands still until it lets the world go on again.
//
// The thread that constructs a World is its main thread until it destroys it. Several Worlds at
// once, on threads of their own, know nothing of each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/interleave.h"
#include "base/prng.h"
#include "host/host.h"
#include "host/sim/choice_log.h"
#include "host/sim/event_queue.h"
#include "host/sim/fixed_memory.h"
#include "host/sim/player.h"
#include "host/sim/strategy.h"
#include "host/sim/watchdog.h"

namespace owsk::host {

struct WorldOptions {
    std::uint64_t seed = 0;
    StrategyOptions choices = {};
    // How long events may keep ahead of a thread that could run.
    Duration slowest_code = std::chrono::milliseconds(10);
    // A livelock: so many points without an event, or so long a wait of the main thread without a
    // deadline, or so long a wait for a spin lock, or so long a loop that waits for others in a
    // thread that never sleeps.
    std::uint64_t points_max = 20'000'000;
    Duration wait_max = std::chrono::hours(24);
    Duration spin_max = std::chrono::seconds(10);
    Duration yield_max = std::chrono::hours(1);
    // Whether choices() is kept.
    bool keep_choices = false;
};

// Why a run cannot go on.
struct WorldFailure {
    enum class Kind : std::uint8_t { deadlock, livelock };
    Kind kind;
    std::string text;  // the whole report, as it would be printed
};

class World final : private Interleaver {
  public:
    explicit World(const WorldOptions& options = {});
    // On the main thread. Every other thread has been joined.
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint64_t seed() const noexcept { return options_.seed; }
    Strategy strategy() const noexcept { return strategy_; }
    // A generator for one purpose: what others draw changes nothing for it.
    Prng stream(std::string_view purpose) const noexcept;

    // What is going to happen. Events run while no thread does, on whichever thread has the turn;
    // they may make threads able to run, and set further events, and never wait.
    EventQueue& events() noexcept { return events_; }
    Instant now() const noexcept { return events_.now(); }
    bool in_event() const noexcept { return in_event_; }

    // A thread that waits for its turn. Null when the system has no more threads to give. Names are
    // for reports; a second one of the same name gets a number.
    std::unique_ptr<Thread> start_thread(const std::string& name, std::function<void()> body);
    std::unique_ptr<Parker> new_parker();
    // Lets others run, or a little time pass if there is nobody.
    void yield() noexcept override;

    // For the main thread: lets the world go on for so long, or until the condition holds, and
    // returns whether it does. The condition is asked on any thread of the world, after each event
    // and whenever a thread comes to rest; it may look at things, and must not wait.
    void run_for(Duration time) noexcept;
    bool run_until(std::function<bool()> condition, Duration limit) noexcept;

    // How to run this again, printed with every failure.
    void set_replay(std::string replay) { replay_ = std::move(replay); }
    const std::string& replay() const noexcept { return replay_; }
    // Writes down the stack of the thread that calls it, for reports.
    void set_stack_writer(std::function<std::string()> writer) {
        stack_writer_ = std::move(writer);
    }
    // Called with a deadlock or livelock; without one it is printed. Then the process aborts.
    void set_failure_handler(std::function<void(const WorldFailure&)> handler) {
        failure_handler_ = std::move(handler);
    }

    // What has been chosen so far.
    const ChoiceLog& choices() const noexcept { return choices_; }
    // How often the turn went to another thread.
    std::uint64_t hand_overs() const noexcept { return hand_overs_; }

    // For the other parts of host/sim.

    // The calling thread, which has the turn. A thread of another world ends the process.
    Player& self(const char* function) noexcept;
    // Sleeps until wake(), which is true, or until the deadline.
    bool sleep(std::optional<Instant> deadline, const Sleep& sleep) noexcept;
    // Whether the next event may happen although somebody could run. Precondition: somebody can.
    bool may_go_on() const noexcept;
    // The player can run again. Nothing if it can already. Also from inside an event.
    void wake(Player& player) noexcept;

  private:
    // The main thread may have much to compute between two calls.
    static constexpr unsigned patience_with_main = 20;

    friend struct Player;
    friend class SimThread;
    struct LastStep;

    void pass(Point point) noexcept override;
    void wait_until(bool (*is_over)(const void* object) noexcept,
                    const void* object,
                    const char* what) noexcept override;
    void* allocate(std::size_t size, std::size_t alignment) noexcept override {
        return memory_.allocate(size, alignment);
    }
    const char* replay_line() const noexcept override { return replay_.c_str(); }

    Player& add_player(const std::string& name);
    // The life of a started thread.
    void enter(Player& player) noexcept;
    void leave(Player& player) noexcept;
    void join(Player& player) noexcept;
    // It could not be started.
    void forget(Player& player) noexcept;

    // Who goes on, after whatever happens before that. `current` may stay; null if it cannot.
    Player& choose(Player* current) noexcept;
    void hand_over(Player& next) noexcept;
    void await_turn(Player& self) noexcept;
    void stop_running(Player& self, PlayerState state) noexcept;
    void make_ready(Player& player) noexcept;
    void expire(Player& player) noexcept;
    void set_deadline(Player& player, Instant due) noexcept;
    void clear_deadline(Player& player) noexcept;
    bool is_counted(const Player& player) const noexcept;
    // Lets those go on whose condition holds by now.
    void look_at_spinners() noexcept;
    void look_at_condition() noexcept;
    // Whether the main thread has the next turn: the time or the condition has come for which it
    // lets the world go on.
    bool main_is_due() const noexcept;

    void happen() noexcept;
    // Lets a little time pass after so many of them.
    void count_points(unsigned points) noexcept;
    // Lets a little time pass; more and more, the longer nothing happens but this.
    void tick(Duration length, std::uint64_t points) noexcept;
    // Ends the run if nobody can ever run again.
    void require_hope() noexcept;

    // Interrupts the thread that has the turn.
    [[noreturn]] void fail_without_points() noexcept;
    [[noreturn]] void fail(WorldFailure::Kind kind, const std::string& sentence) noexcept;
    std::string write_stack() noexcept;
    void collect_stacks() noexcept;
    std::string describe_players() const;

    // First, so that it ends last.
    FixedMemory memory_;
    const WorldOptions options_;
    const Strategy strategy_;
    const std::unique_ptr<ChoiceMaker> choice_maker_;
    EventQueue events_;
    Watchdog watchdog_;
    ChoiceLog choices_;
    std::uint64_t hand_overs_ = 0;

    std::vector<std::unique_ptr<Player>> players_;  // the first is the main thread
    std::unordered_map<std::string, unsigned> names_;
    std::vector<Player*> ready_;
    std::vector<Player*> spinners_;
    Player* running_ = nullptr;
    bool in_event_ = false;

    // What the thread that became the main thread was before.
    Player* const outer_player_;
    Interleaver* const outer_interleaver_;

    bool main_runs_world_ = false;
    std::function<bool()> condition_;

    // Deadlines that make nothing happen by themselves: reminders, limits of the main thread and of
    // spinning.
    std::size_t uncounted_ = 0;
    std::size_t reminders_ = 0;
    std::uint64_t reminders_in_a_row_ = 0;
    bool reminded_ = false;
    unsigned points_at_this_time_ = 0;
    std::uint64_t points_without_event_ = 0;
    Instant last_event_{};
    bool main_has_waited_ = false;  // for a turn, while others came past many points

    std::string replay_;
    std::function<std::string()> stack_writer_;
    std::function<void(const WorldFailure&)> failure_handler_;
    bool failing_ = false;
};

}  // namespace owsk::host
