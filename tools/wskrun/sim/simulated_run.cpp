// SPDX-License-Identifier: MIT
// A run in virtual time, from the first line to the last.
#include "sim/simulated_run.h"

#include <openwsk/process.h>
#include <openwsk/simulation.h>

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "ending.h"
#include "exit_status.h"
#include "module_folder.h"
#include "output.h"
#include "progress.h"
#include "signals.h"
#include "sim/default_scenario.h"
#include "sim/play.h"
#include "sim/replay.h"
#include "sim/scenario_file.h"
#include "sim/stage.h"

namespace wskrun {

namespace {

// Throws std::invalid_argument.
Scenario scenario_of(const Options& options) {
    std::vector<std::string> drivers;
    for (const DriverFile& driver : options.drivers) {
        drivers.push_back(driver.name);
    }
    Scenario scenario = options.scenario.empty() ? default_scenario(drivers)
                                                 : load_scenario(options.scenario, drivers);
    if (options.run_for) {
        scenario.end = std::chrono::duration_cast<Duration>(*options.run_for);
    }
    return scenario;
}

class SimulatedRun {
  public:
    SimulatedRun(const Options& options, Scenario scenario)
        : options_(options),
          scenario_(std::move(scenario)),
          seed_(options.seed.value_or(scenario_.seed.value_or(1))),
          replay_(replay_command(options.command, seed_)),
          trace_(stdout,
                 options.verbose ? owsk::trace::Detail::everything : owsk::trace::Detail::important,
                 [this] { return simulation_.now(); }),
          signals_(progress_,
                   {.report = [this] { report_is_wanted_ = true; },
                    .stuck_threads = [] { return std::string(); },
                    .end_at_once = [this] { end_at_once(); }}),
          simulation_(simulation_options()),
          stage_(simulation_,
                 options_,
                 scenario_,
                 {.trace = trace_,
                  .progress = progress_,
                  .listeners = listeners_,
                  .on_bug_check = [this](const owsk::BugCheck& check) { end_with(check); }}),
          play_(simulation_, stage_, scenario_, director()) {}

    int operator()() {
        write_first_lines();
        play_.prepare();
        const bool started = stage_.start_drivers([this] { return signals_.requested(); });
        if (started && !signals_.requested()) {
            play_.run();
        }
        if (play_.has_failed()) {
            play_.dismiss_all();
        }
        unload();
        int status = !started             ? exit_driver_failed
                     : play_.has_failed() ? exit_not_as_expected
                                          : exit_fine;
        if (!stage_.all_could_be_unloaded()) {
            write_last_lines(status);
            modules_.remove();
            end_now(with_output(status));
        }
        const std::uint64_t leaks = stage_.stop_machines();
        if (status == exit_fine && leaks > 0) {
            status = exit_leak;
        }
        if (started) {
            stage_.say_what_was_not_read();
        }
        write_last_lines(status);
        return with_output(status);
    }

  private:
    owsk::SimulationOptions simulation_options() {
        owsk::SimulationOptions simulation;
        simulation.seed = seed_;
        simulation.schedule = scenario_.schedule;
        simulation.link = scenario_.link;
        simulation.capture = scenario_.capture;
        simulation.replay = replay_;
        simulation.on_stuck = [this](const std::string& report) { end_stuck(report); };
        return simulation;
    }

    Play::Director director() {
        Play::Director director = {.tell = [this](const std::string& line) { tell(line); },
                                   .complain = [this](const std::string& what) { complain(what); },
                                   .wants_to_stop = [this] { return signals_.requested(); },
                                   .wants_to_talk = [this] { return report_is_wanted_.load(); },
                                   .talk = [this] { talk(); }};
        if (scenario_.file.empty()) {
            director.has_new_clients = [this] { return listeners_.has_new(); };
            director.new_clients = [this] {
                return default_clients(
                    listeners_.take_new(), default_clients_, [this](std::uint64_t end) {
                        return simulation_.choose(end);
                    });
            };
        }
        return director;
    }

    void write_first_lines() {
        if (scenario_.file.empty()) {
            trace_.write_line(
                "simulation: seed " + std::to_string(seed_) +
                ", and the default scenario: three clients talk to each listening socket, and one "
                "of them resets its connection. To write your own, see SCENARIOS in man wskrun");
        } else {
            trace_.write_line("simulation: seed " + std::to_string(seed_) + ", scenario " +
                              scenario_.file);
        }
    }

    void write_last_lines(int status) {
        std::fflush(stdout);
        stage_.write_summary();
        for (const std::string& line : play_.lines()) {
            trace_.write_line(line);
        }
        char fingerprint[32];
        std::snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, simulation_.fingerprint());
        trace_.write_line("simulation: seed " + std::to_string(seed_) + ", " +
                          show(simulation_.now()) + " of virtual time, fingerprint " + fingerprint);
        if (status != exit_fine) {
            std::fprintf(stderr, "wskrun: replay: %s\n", replay_.c_str());
        }
    }

    // The exit status, given that of the run: files that were asked for are part of it.
    int with_output(int status) {
        const std::string lost = simulation_.capture_error();
        if (!lost.empty()) {
            std::fflush(stdout);
            std::fprintf(stderr, "wskrun: %s\n", lost.c_str());
            status = status == exit_fine ? exit_output_lost : status;
        }
        return status_with_output(status, trace_.error());
    }

    void talk() {
        report_is_wanted_ = false;
        stage_.write_so_far();
    }

    void unload() {
        signals_.end_has_begun();
        stage_.unload();
        // What is still under way arrives.
        simulation_.run_for(std::chrono::seconds(1));
        play_.look_once_more();
    }

    void tell(const std::string& line) { trace_.write_detail_line(line); }

    void complain(const std::string& what) {
        std::fflush(stdout);
        std::fprintf(stderr, "wskrun: %s\n", what.c_str());
    }

    [[noreturn]] void end_at_once() {
        modules_.remove();
        end_now(exit_ended_at_once);
    }

    [[noreturn]] void end_stuck(const std::string& report) {
        std::fflush(stdout);
        if (play_.has_failed()) {
            // Most likely nothing but a consequence.
            std::fprintf(stderr,
                         "wskrun: after that, the drivers did not finish either\n"
                         "wskrun: replay: %s\n",
                         replay_.c_str());
            modules_.remove();
            end_now(exit_not_as_expected);
        }
        std::fputs(report.c_str(), stderr);
        modules_.remove();
        end_now(exit_stuck);
    }

    [[noreturn]] void end_with(const owsk::BugCheck& check) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s%s", check.text.c_str(), check.text.ends_with('\n') ? "" : "\n");
        if (options_.core) {
            end_with_core(check, modules_);
        }
        modules_.remove();
        end_now(exit_bug_check);
    }

    const Options& options_;
    Scenario scenario_;
    const std::uint64_t seed_;
    const std::string replay_;
    ModuleFolder modules_;
    Progress progress_;
    Listeners listeners_;
    unsigned default_clients_ = 0;  // so many there are
    owsk::trace::TextTrace trace_;
    std::atomic<bool> report_is_wanted_ = false;
    Signals signals_;  // before the machines, whose threads inherit what is blocked
    owsk::Simulation simulation_;
    Stage stage_;
    Play play_;
};

}  // namespace

int run_simulated(const Options& options) {
    owsk::detail::fix_addresses();
    const owsk::OneCpu one_cpu;
    std::optional<Scenario> scenario;
    try {
        scenario = scenario_of(options);
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "wskrun: %s\n", error.what());
        return exit_usage;
    }
    return SimulatedRun(options, std::move(*scenario))();
}

}  // namespace wskrun
