// SPDX-License-Identifier: MIT
// Platform: what a machine stands on. The one place that chooses among kinds of host and network.
#pragma once

#include <openwsk/machine.h>
#include <openwsk/simulation.h>

#include <memory>

#include "host/host.h"
#include "net/network.h"

namespace owsk {

struct Platform {
    std::unique_ptr<host::Host> host;
    std::unique_ptr<net::Network> network;  // on that host
};

// The real machine and the sockets of its kernel.
Platform real_platform(const MachineOptions& options);
// A computer of a simulation, and its network.
Platform simulated_platform(Computer& computer, const MachineOptions& options);

}  // namespace owsk
