// SPDX-License-Identifier: MIT
// Loads the drivers, waits for the end, unloads them in reverse order.
#include "run.h"

#include <openwsk/summary.h>
#include <openwsk/text_trace.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "ending.h"
#include "exit_status.h"
#include "module_folder.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "signals.h"

namespace wskrun {

namespace {

// One run of the program, from loading to the summary.
class Run {
  public:
    explicit Run(const Options& options)
        : options_(options),
          trace_(stdout,
                 options.verbose ? owsk::trace::Detail::everything : owsk::trace::Detail::important,
                 [start = std::chrono::steady_clock::now()] {
                     return std::chrono::steady_clock::now() - start;
                 }),
          signals_(progress_,
                   {.report = [this] { report_.write_so_far(); },
                    .stuck_threads = [this] { return report_.stuck_threads(); },
                    .end_at_once = [this] { end_at_once(); }}),
          machine_(std::make_unique<owsk::Machine>(machine_options())) {
        report_.watch(*machine_);
    }

    ~Run() { report_.forget_machine(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    int operator()() {
        say_if_strict_is_not_possible();
        for (const owsk::FaultSetting& fault : options_.faults) {
            machine_->faults().set(fault);
        }
        for (const Parameter& parameter : options_.parameters) {
            apply(parameter, *machine_);
        }
        const bool started = start_drivers();
        if (started) {
            progress_.now_waiting_for("");
            signals_.wait(options_.run_for);
        }
        signals_.end_has_begun();
        const bool unloaded = unload_drivers();
        const int status = started ? exit_fine : exit_driver_failed;
        if (!unloaded) {
            report_.write_summary();
            modules_.remove();
            end_now(status_with_output(status, trace_.error()));
        }
        progress_.now_waiting_for("the processors to stop");
        const std::uint64_t leaks = machine_->stop();
        report_.write_summary();
        if (started) {
            say_what_was_not_read(*machine_);
        }
        return status_with_output(status == exit_fine && leaks > 0 ? exit_leak : status,
                                  trace_.error());
    }

  private:
    owsk::MachineOptions machine_options() {
        owsk::MachineOptions machine;
        machine.processors = options_.processors.value_or(machine.processors);
        machine.completion = options_.completion.value_or(machine.completion);
        machine.sends = options_.sends.value_or(machine.sends);
        machine.seed = options_.seed.value_or(machine.seed);
        machine.gate = options_.gate;
        machine.limits = options_.limits;
        machine.network_faults = !options_.faults.empty();
        machine.observers = {&trace_, &summary_, &progress_};
        machine.on_bug_check = [this](const owsk::BugCheck& check) { end_with(check); };
        return machine;
    }

    // The drivers get STATUS_NOT_SUPPORTED, which tells nobody why.
    void say_if_strict_is_not_possible() {
        if (options_.gate == owsk::GateMode::strict && machine_->gate_name().empty()) {
            std::fprintf(stderr,
                         "wskrun: --gate strict: SO_CONDITIONAL_ACCEPT will be refused, because "
                         "asking at the SYN is not possible here: %s\n",
                         machine_->gate_reason().c_str());
        }
    }

    // False when a driver failed; those before it stay loaded.
    bool start_drivers() {
        for (const DriverFile& driver : options_.drivers) {
            if (signals_.requested()) {
                return true;
            }
            progress_.now_waiting_for("DriverEntry of " + driver.name + " to return");
            owsk::DriverError error;
            if (!machine_->load_driver(driver.name, driver.path, error)) {
                std::fprintf(
                    stderr, "wskrun: driver %s: %s\n", driver.name.c_str(), error.message.c_str());
                return false;
            }
            loaded_.push_back(driver.name);
        }
        return true;
    }

    // False when a driver stays, because it has no DriverUnload.
    bool unload_drivers() {
        bool all = true;
        for (; !loaded_.empty(); loaded_.pop_back()) {
            const std::string& name = loaded_.back();
            progress_.now_waiting_for("DriverUnload of " + name + " to return");
            if (!machine_->unload_driver(name)) {
                std::fprintf(stderr,
                             "wskrun: driver %s set no DriverUnload, so it cannot be unloaded, as "
                             "on Windows; "
                             "leaks were not checked\n",
                             name.c_str());
                all = false;
            }
        }
        return all;
    }

    [[noreturn]] void end_at_once() {
        modules_.remove();
        end_now(exit_ended_at_once);
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
    ModuleFolder modules_;
    Progress progress_;
    owsk::trace::TextTrace trace_;
    owsk::trace::Summary summary_;
    Report report_{trace_, summary_};
    Signals signals_;  // before the machine, whose threads inherit what is blocked
    std::vector<std::string> loaded_;
    std::unique_ptr<owsk::Machine> machine_;
};

}  // namespace

int run_drivers(const Options& options) {
    return Run(options)();
}

}  // namespace wskrun
