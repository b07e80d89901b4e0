// SPDX-License-Identifier: MIT
// Parts: what a machine is made of.
#pragma once

#include <openwsk/machine.h>

#include <string>

#include "machine/module_list.h"
#include "machine/platform.h"
#include "machine/wait_notices.h"
#include "nt/system.h"
#include "probe/probes.h"
#include "wsk/provider.h"

namespace owsk {

// In the order in which they are built; what is above does not know what is below.
struct Machine::Parts {
    Parts(MachineOptions options, Platform platform);

    // For people.
    std::string what_keeps_unload(const std::string& driver);

    WaitNotices wait_notices;
    probe::Probes probes;
    ModuleList modules;
    const Platform platform;
    host::Host& host = *platform.host;
    net::Network& network = *platform.network;
    nt::System system;
    wsk::Provider provider;
    bool running = false;
};

}  // namespace owsk
