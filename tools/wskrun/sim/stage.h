// SPDX-License-Identifier: MIT
// Stage: the computers of a scenario, and the drivers on those that are machines.
#pragma once

#include <openwsk/simulation.h>
#include <openwsk/summary.h>
#include <openwsk/text_trace.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "options.h"
#include "progress.h"
#include "sim/scenario.h"

namespace wskrun {

// Where the drivers have begun to listen.
class Listeners final : public owsk::Observer {
  public:
    // Whether there are any since they were taken last.
    bool has_new() const noexcept { return !new_.empty(); }
    std::vector<owsk::Address> take_new() noexcept { return std::exchange(new_, {}); }

    void listener_bound(const owsk::probe::ListenerBound& record) noexcept override {
        new_.push_back(record.local);
    }

  private:
    std::vector<owsk::Address> new_;
};

class Stage {
  public:
    struct Watchers {
        owsk::trace::TextTrace& trace;
        Progress& progress;
        Listeners& listeners;
        std::function<void(const owsk::BugCheck&)> on_bug_check;
    };

    // Makes the computers and starts the machines.
    Stage(owsk::Simulation& simulation,
          const Options& options,
          const Scenario& scenario,
          Watchers watchers);

    owsk::Computer& computer(const std::string& name);

    // False when a driver failed; those before it stay loaded. `stop` is asked before each driver:
    // true if it is time to end.
    bool start_drivers(const std::function<bool()>& stop);
    // Calls DriverUnload on a thread of its own, last one first, while the simulation goes on.
    void begin_unload();
    // The same, and waits for it without a limit, so that the simulation notices if it has no end.
    void unload();
    // Precondition: unload(). False when a driver stays, because it has no DriverUnload.
    bool all_could_be_unloaded() const noexcept { return !a_driver_stays_; }
    // Returns how many things the drivers still owned. Precondition: unload().
    std::uint64_t stop_machines();

    void write_so_far() const;
    void write_summary() const;
    void say_what_was_not_read() const;

  private:
    struct Server {
        std::string name;
        owsk::Machine* machine = nullptr;
        owsk::trace::Summary summary;
        std::vector<std::string> loaded;
    };

    void start_machine(const MachinePlan& plan);
    bool load_all(const std::function<bool()>& stop);
    bool load(Server& server, const DriverFile& driver);
    void unload_all();
    void write_of(const Server& server, const std::string& line) const;

    owsk::Simulation& simulation_;
    const Options& options_;
    const Scenario& scenario_;
    const Watchers watchers_;
    std::vector<std::pair<std::string, owsk::Computer*>> computers_;
    std::vector<std::unique_ptr<Server>> servers_;
    bool a_driver_stays_ = false;
    std::vector<owsk::SimulatedThread> unloading_;  // none, or one
};

}  // namespace wskrun
