// SPDX-License-Identifier: MIT
// Puts the parts of a machine together.
#include "machine/parts.h"

#include <utility>

namespace owsk {

namespace {

probe::Probes probes_for(const MachineOptions& options,
                         WaitNotices& notices,
                         LeakList& leaks,
                         ProgramVoice& voice) {
    probe::Probes probes;
    for (Observer* observer : options.observers) {
        probes.attach(*observer);
    }
    probes.attach(notices);
    probes.attach(leaks);
    if (options.speak && ProgramVoice::is_needed(options.observers)) {
        probes.attach(voice);
    }
    return probes;
}

net::Network& with_faults(const MachineOptions& options,
                          net::Network& network,
                          Faults& faults,
                          std::optional<net::FaultyNetwork>& faulty) {
    return options.network_faults ? faulty.emplace(network, faults) : network;
}

}  // namespace

Machine::Parts::Parts(MachineOptions options, Platform given)
    : probes(probes_for(options, wait_notices, leak_list, voice)),
      platform(std::move(given)),
      faults(options.seed, options.network_faults),
      network(with_faults(options, *platform.network, faults, faulty_network)),
      system(host, probes, faults),
      provider(system, network, {options.completion, options.seed, options.sends}),
      report_crashes(options.report_crashes) {
    system.bug_check_handler = std::move(options.on_bug_check);
}

std::string Machine::Parts::open_things() {
    const std::string of_wsk = provider.open_things();
    const std::string of_nmr = system.nmr.describe();
    return of_wsk + (of_wsk.empty() || of_nmr.empty() ? "" : ", ") + of_nmr;
}

std::string Machine::Parts::what_keeps_unload(const std::string& driver) {
    const std::string open = open_things();
    return open.empty() ? "DriverUnload of " + driver + " and its work items to return" : open;
}

}  // namespace owsk
