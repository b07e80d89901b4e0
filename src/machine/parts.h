// SPDX-License-Identifier: MIT
// Parts: what a machine is made of. The one place that chooses among kinds of host and network.
#pragma once

#include <openwsk/machine.h>

#include <string>

#include "host/linux/linux_host.h"
#include "machine/module_list.h"
#include "machine/wait_notices.h"
#include "net/linux/linux_network.h"
#include "nt/system.h"
#include "probe/probes.h"
#include "wsk/provider.h"

namespace owsk {

// In the order in which they are built; what is above does not know what is below.
struct Machine::Parts {
    explicit Parts(MachineOptions options);

    // For people.
    std::string what_keeps_unload(const std::string& driver);

    WaitNotices wait_notices;
    probe::Probes probes;
    ModuleList modules;
    host::LinuxHost host;
    net::LinuxNetwork network;
    nt::System system;
    wsk::Provider provider;
    bool running = false;
};

}  // namespace owsk
