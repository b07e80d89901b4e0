// SPDX-License-Identifier: MIT
// Machine: from the start of the processors to their end, and the drivers in between.
#include <ntstatus.h>
#include <openwsk/machine.h>

#include <utility>

#include "base/status_name.h"
#include "loader/module.h"
#include "machine/parts.h"
#include "machine/unload_watch.h"
#include "nt/ke/crash_signals.h"

namespace owsk {

namespace {

std::string start_failure(const std::string& name, NTSTATUS status) {
    if (status == STATUS_OBJECT_NAME_COLLISION) {
        return "a driver named " + name +
               " is already running; unload it first or choose another name";
    }
    return "its DriverEntry failed with " + status_name(status) +
           "; the driver's own messages may say why";
}

}  // namespace

Machine::Machine(MachineOptions options) : Machine(options, real_platform(options)) {}

Machine::Machine(MachineOptions options, Platform platform)
    : parts_(std::make_unique<Parts>(std::move(options), std::move(platform))) {
    Parts& parts = *parts_;
    if (parts.report_crashes) {
        nt::ke::watch_crashes();
    }
    parts.host.start([&parts] { parts.system.enter_processor(); });
    parts.system.start();
    parts.provider.start();
    parts.running = true;
}

Machine::~Machine() {
    stop();
}

void Machine::add_extension(WskExtension& extension) {
    parts_->provider.extensions().add(extension);
}

bool Machine::load_driver(const std::string& name, const std::string& path, DriverError& error) {
    std::unique_ptr<loader::Module> module = loader::Module::load(path, error);
    if (module == nullptr) {
        return false;
    }
    const PDRIVER_INITIALIZE entry = module->entry();
    parts_->modules.keep(std::move(module));
    return start_driver(name, entry, error);
}

bool Machine::start_driver(const std::string& name, PDRIVER_INITIALIZE entry, DriverError& error) {
    const nt::ThreadScope scope(parts_->system);
    const Result<PDRIVER_OBJECT> driver = parts_->system.drivers.start(name, entry);
    if (!driver) {
        error = {driver.status(), start_failure(name, driver.status())};
        return false;
    }
    parts_->probes.driver_loaded({name});
    return true;
}

bool Machine::unload_driver(const std::string& name) {
    const nt::ThreadScope scope(parts_->system);
    const UnloadWatch watch(parts_->host, parts_->probes, parts_->wait_notices, [&] {
        return parts_->what_keeps_unload(name);
    });
    const NTSTATUS status = parts_->system.drivers.unload(name);
    if (!NT_SUCCESS(status)) {
        return false;
    }
    parts_->probes.driver_unloaded({name});
    return true;
}

std::uint64_t Machine::stop() {
    Parts& parts = *parts_;
    if (!std::exchange(parts.running, false)) {
        return 0;
    }
    parts.provider.stop();
    parts.system.stop();
    parts.host.stop();
    // Only now does nothing change any more.
    return parts.provider.report_leaks() + parts.system.report_leaks();
}

std::vector<MachineLeak> Machine::leaks() const {
    return parts_->leak_list.leaks();
}

Faults& Machine::faults() {
    return parts_->faults;
}

const Faults& Machine::faults() const {
    return parts_->faults;
}

std::string Machine::open_things() const {
    return parts_->open_things();
}

std::string Machine::spinning_threads() const {
    return parts_->system.spin_watch.describe();
}

std::string Machine::gate_name() const {
    return parts_->network.gate().name;
}

std::string Machine::gate_reason() const {
    return parts_->network.gate().reason;
}

std::vector<HeldAttempt> Machine::held_attempts() const {
    return parts_->provider.listeners().held_attempts();
}

GateCounters Machine::gate_counters() const {
    return parts_->network.gate_counters();
}

struct Machine::Attachment::Scope {
    explicit Scope(nt::System& system) : thread(system) {}
    nt::ThreadScope thread;
};

Machine::Attachment::Attachment(Machine& machine)
    : scope_(std::make_unique<Scope>(machine.parts_->system)) {}

Machine::Attachment::~Attachment() = default;

}  // namespace owsk
