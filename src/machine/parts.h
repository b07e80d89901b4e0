// SPDX-License-Identifier: MIT
// Parts: what a machine is made of.
#pragma once

#include <openwsk/machine.h>

#include <optional>
#include <string>

#include "machine/leak_list.h"
#include "machine/module_list.h"
#include "machine/platform.h"
#include "machine/program_voice.h"
#include "machine/wait_notices.h"
#include "net/faulty/faulty_network.h"
#include "nt/system.h"
#include "probe/probes.h"
#include "wsk/provider/provider.h"

namespace owsk {

// In the order in which they are built; what is above does not know what is below.
struct Machine::Parts {
    Parts(MachineOptions options, Platform platform);

    // For people: what drivers hold open, and what an unload waits for.
    std::string open_things();
    std::string what_keeps_unload(const std::string& driver);

    WaitNotices wait_notices;
    LeakList leak_list;
    ProgramVoice voice;
    probe::Probes probes;
    ModuleList modules;
    const Platform platform;
    host::Host& host = *platform.host;
    Faults faults;
    std::optional<net::FaultyNetwork> faulty_network;  // around the platform's
    net::Network& network;
    nt::System system;
    wsk::Provider provider;
    const bool report_crashes;
    bool running = false;
};

}  // namespace owsk
