// SPDX-License-Identifier: MIT
// Run: one scenario with one seed - a simulation, its servers and visitors, the checkers that
// watch, and the end of the process with one line that replays it when something is wrong.
#pragma once

#include <openwsk/completion_mode.h>
#include <openwsk/simulation.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/checkers/attempts.h"
#include "simulation/checkers/callbacks.h"
#include "simulation/checkers/complaints.h"
#include "simulation/checkers/irps.h"
#include "simulation/checkers/order.h"
#include "simulation/checkers/streams.h"
#include "simulation/journal.h"

namespace owsk::scenarios {

class Server;
class Visitor;
struct VisitorPlan;
struct ServerPlan;

using namespace std::chrono_literals;
using Duration = std::chrono::nanoseconds;

struct RunOptions {
    std::uint64_t seed = 1;
    std::string name;            // of the scenario or the canary
    std::string replay;          // the command that does this run again
    std::string capture;         // packets go to this file; empty: nowhere
    std::FILE* trace = nullptr;  // the event log goes there; null: nowhere
    bool keep_journal = false;   // for its digest
    // Of all machines; by the seed if there is none.
    std::optional<CompletionMode> completion = {};
};

class Run final : public Complaints {
  public:
    explicit Run(const RunOptions& options);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    Simulation& simulation() { return *simulation_; }

    IrpChecker irps{*this};
    OrderChecker order{*this};
    StreamChecker streams{*this};
    AttemptChecker attempts{*this};
    CallbackChecker callbacks{*this};

    // Ends the process with the status 1: what is wrong, and the line that replays it.
    [[noreturn]] void fail(const std::string& what);
    void complain(const char* checker, const std::string& what) override;

    std::optional<CompletionMode> completion() const { return options_.completion; }

    // Choices of the seed.
    std::uint64_t below(std::uint64_t end) { return simulation_->choose(end); }
    std::uint64_t between(std::uint64_t first, std::uint64_t last) {
        return first + below(last - first + 1);
    }
    bool chance(unsigned percent) { return below(100) < percent; }
    // Evenly from nothing to `most`.
    Duration moment(Duration most) {
        return Duration(below(static_cast<std::uint64_t>(most.count()) + 1));
    }

    // A computer with a machine. The address is 192.0.2.<1, 2, ...>.
    Server& add_server(const ServerPlan& plan);
    Server& add_server();
    // Visitors come from computers of their own, a few for each run.
    Visitor& add_visitor(const VisitorPlan& plan);
    // How long ago the visitor from that port began to connect; nothing for who is no visitor.
    Duration since_connect(std::uint16_t from_port) const;

    // Lets everything run until every thread of the servers has ended and every visitor has left.
    // What takes longer than `limit` of virtual time is a failure.
    void until_quiet(Duration limit = 30min);
    void until_visitors_leave(Duration limit = 30min);
    // Until the threads have ended; visitors go on.
    void until_threads_end(Duration limit = 30min);
    void until(const char* what, const std::function<bool()>& condition, Duration limit = 30min);
    void pass(Duration time) { simulation_->run_for(time); }

    // The end of a run that went well so far: until_quiet, the machines stop, the checkers look.
    void finish();

    // A line of the event log. `compose` makes it if somebody wants it.
    template <typename Compose>
    void note(const std::string& who, Compose compose) {
        if (journal_ != nullptr) {
            journal_->write(who, compose());
        }
    }
    Journal* journal() { return journal_.get(); }
    std::uint64_t digest() const;

  private:
    friend class Server;

    bool threads_have_ended() const;
    bool visitors_have_left() const;
    bool visitors_have_news() const;
    void step_visitors();

    const RunOptions options_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Simulation> simulation_;
    std::deque<std::unique_ptr<Server>> servers_;
    std::vector<Computer*> guests_;
    std::deque<std::unique_ptr<Visitor>> visitors_;
};

}  // namespace owsk::scenarios
