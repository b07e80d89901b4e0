// SPDX-License-Identifier: MIT
// Computers, machines, drivers: from the start to the last line of the summary.
#include "sim/stage.h"

#include <algorithm>
#include <cstdio>

#include "held.h"

namespace wskrun {

Stage::Stage(owsk::Simulation& simulation,
             const Options& options,
             const Scenario& scenario,
             Watchers watchers)
    : simulation_(simulation),
      options_(options),
      scenario_(scenario),
      watchers_(std::move(watchers)) {
    for (const NamePlan& plan : scenario.names) {
        if (!plan.at) {
            simulation.set_name(plan.name, plan.rules);
        }
    }
    for (const MachinePlan& plan : scenario.machines) {
        start_machine(plan);
    }
    for (const ComputerPlan& plan : scenario.computers) {
        computers_.emplace_back(plan.name, &simulation.add_computer(plan.name, plan.addresses));
    }
}

void Stage::start_machine(const MachinePlan& plan) {
    owsk::Computer& computer =
        simulation_.add_computer(plan.computer.name, plan.computer.addresses);
    computers_.emplace_back(plan.computer.name, &computer);
    servers_.push_back(std::make_unique<Server>());
    Server& server = *servers_.back();
    server.name = plan.computer.name;

    owsk::MachineOptions machine;
    // The command line is stronger.
    machine.processors = options_.processors.value_or(plan.processors.value_or(machine.processors));
    machine.completion = options_.completion.value_or(plan.completion.value_or(machine.completion));
    machine.limits = options_.limits;
    machine.sends = options_.sends.value_or(plan.sends.value_or(machine.sends));
    std::vector<owsk::FaultSetting> faults = plan.faults;
    faults.insert(faults.end(), options_.faults.begin(), options_.faults.end());
    machine.network_faults =
        std::any_of(faults.begin(), faults.end(), [](const owsk::FaultSetting& setting) {
            return owsk::is_network_fault(setting.fault);
        });
    machine.observers = {
        &watchers_.trace, &server.summary, &watchers_.progress, &watchers_.listeners};
    machine.on_bug_check = watchers_.on_bug_check;
    server.machine = &computer.start_machine(machine);
    for (const Parameter& parameter : plan.parameters) {
        apply(parameter, *server.machine);
    }
    for (const Parameter& parameter : options_.parameters) {
        apply(parameter, *server.machine);
    }
    for (const owsk::FaultSetting& setting : faults) {
        server.machine->faults().set(setting);
    }
}

owsk::Computer& Stage::computer(const std::string& name) {
    const auto found = std::find_if(computers_.begin(),
                                    computers_.end(),
                                    [&](const auto& computer) { return computer.first == name; });
    return *found->second;
}

bool Stage::start_drivers(const std::function<bool()>& stop) {
    bool started = false;
    // As on Windows, DriverEntry runs on a thread of the system; so it has a stack of the
    // simulation too.
    simulation_.start_thread("load", [&] { started = load_all(stop); }).join();
    return started;
}

bool Stage::load_all(const std::function<bool()>& stop) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const std::vector<std::string>& names = scenario_.machines[i].drivers;
        for (const DriverFile& driver : options_.drivers) {
            if (std::find(names.begin(), names.end(), driver.name) == names.end()) {
                continue;
            }
            if (stop()) {
                return true;
            }
            if (!load(*servers_[i], driver)) {
                return false;
            }
        }
    }
    return true;
}

bool Stage::load(Server& server, const DriverFile& driver) {
    watchers_.progress.now_waiting_for("DriverEntry of " + driver.name + " to return");
    owsk::DriverError error;
    if (!server.machine->load_driver(driver.name, driver.path, error)) {
        std::fprintf(stderr, "wskrun: driver %s: %s\n", driver.name.c_str(), error.message.c_str());
        return false;
    }
    server.loaded.push_back(driver.name);
    watchers_.progress.now_waiting_for("");
    return true;
}

void Stage::begin_unload() {
    if (unloading_.empty()) {
        unloading_.push_back(simulation_.start_thread("unload", [this] { unload_all(); }));
    }
}

void Stage::unload() {
    begin_unload();
    unloading_.front().join();
}

void Stage::unload_all() {
    for (auto server = servers_.rbegin(); server != servers_.rend(); ++server) {
        std::vector<std::string>& loaded = (*server)->loaded;
        for (; !loaded.empty(); loaded.pop_back()) {
            const std::string& name = loaded.back();
            watchers_.progress.now_waiting_for("DriverUnload of " + name + " to return");
            if (!(*server)->machine->unload_driver(name)) {
                std::fprintf(stderr,
                             "wskrun: driver %s set no DriverUnload, so it cannot be unloaded, as "
                             "on Windows; leaks were not checked\n",
                             name.c_str());
                a_driver_stays_ = true;
            }
        }
    }
}

std::uint64_t Stage::stop_machines() {
    watchers_.progress.now_waiting_for("the processors to stop");
    std::uint64_t leaks = 0;
    for (const auto& server : servers_) {
        leaks += server->machine->stop();
    }
    return leaks;
}

void Stage::say_what_was_not_read() const {
    for (const auto& server : servers_) {
        wskrun::say_what_was_not_read(*server->machine);
    }
}

void Stage::write_of(const Server& server, const std::string& line) const {
    if (!line.empty()) {
        watchers_.trace.write_line(servers_.size() > 1 ? server.name + ": " + line : line);
    }
}

void Stage::write_so_far() const {
    for (const auto& server : servers_) {
        write_of(*server, server->summary.line_so_far());
        write_of(*server, server->summary.gate_line(server->machine->gate_counters()));
        const std::string open = server->machine->open_things();
        write_of(*server, "now: " + (open.empty() ? "nothing is open" : open));
        for (const std::string& line : held_lines(server->machine->held_attempts())) {
            write_of(*server, line);
        }
    }
}

void Stage::write_summary() const {
    for (const auto& server : servers_) {
        write_of(*server, server->summary.line());
        write_of(*server, server->summary.gate_line(server->machine->gate_counters()));
        write_of(*server, server->machine->faults().line());
    }
}

}  // namespace wskrun
